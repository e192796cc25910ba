from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Feedback")


@_attrs_define
class Feedback:
    """What a user thinks of an answer.

    Attributes:
        message_id (str): The id of the answer.
        like (bool | None | Unset): Whether the user likes the answer.
        feedback (None | str | Unset): The opinion in words.
        hand_off (bool | None | Unset): Whether the user wants to go on with a person.
        suggest_next_response (bool | None | Unset): Whether the user wants another answer to the same question.
    """

    message_id: str
    like: bool | None | Unset = UNSET
    feedback: None | str | Unset = UNSET
    hand_off: bool | None | Unset = UNSET
    suggest_next_response: bool | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        message_id = self.message_id

        like: bool | None | Unset
        if isinstance(self.like, Unset):
            like = UNSET
        else:
            like = self.like

        feedback: None | str | Unset
        if isinstance(self.feedback, Unset):
            feedback = UNSET
        else:
            feedback = self.feedback

        hand_off: bool | None | Unset
        if isinstance(self.hand_off, Unset):
            hand_off = UNSET
        else:
            hand_off = self.hand_off

        suggest_next_response: bool | None | Unset
        if isinstance(self.suggest_next_response, Unset):
            suggest_next_response = UNSET
        else:
            suggest_next_response = self.suggest_next_response

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "message_id": message_id,
            }
        )
        if like is not UNSET:
            field_dict["like"] = like
        if feedback is not UNSET:
            field_dict["feedback"] = feedback
        if hand_off is not UNSET:
            field_dict["hand_off"] = hand_off
        if suggest_next_response is not UNSET:
            field_dict["suggest_next_response"] = suggest_next_response

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        message_id = d.pop("message_id")

        def _parse_like(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        like = _parse_like(d.pop("like", UNSET))

        def _parse_feedback(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        feedback = _parse_feedback(d.pop("feedback", UNSET))

        def _parse_hand_off(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        hand_off = _parse_hand_off(d.pop("hand_off", UNSET))

        def _parse_suggest_next_response(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        suggest_next_response = _parse_suggest_next_response(
            d.pop("suggest_next_response", UNSET)
        )

        answer_feedback = cls(
            message_id=message_id,
            like=like,
            feedback=feedback,
            hand_off=hand_off,
            suggest_next_response=suggest_next_response,
        )

        answer_feedback.additional_properties = d
        return answer_feedback

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
