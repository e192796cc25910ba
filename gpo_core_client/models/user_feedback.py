from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="UserFeedback")


@_attrs_define
class UserFeedback:
    """What a user said of an answer.

    Attributes:
        message_id (str): The id of the answer.
        conversation_id (str): The id of the conversation.
        user_id (str): The id of the user.
        answer (str): The text of the answer.
        given_at (datetime.datetime): When the feedback was given.
        liked (bool | None | Unset): Whether the user likes the answer; null when the user has not said.
        feedback (None | str | Unset): The opinion in words; null when there is none.
        hand_off (bool | None | Unset): Whether the user wants to go on with a person; null when the user has not said.
    """

    message_id: str
    conversation_id: str
    user_id: str
    answer: str
    given_at: datetime.datetime
    liked: bool | None | Unset = UNSET
    feedback: None | str | Unset = UNSET
    hand_off: bool | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        message_id = self.message_id

        conversation_id = self.conversation_id

        user_id = self.user_id

        answer = self.answer

        given_at = self.given_at.isoformat()

        liked: bool | None | Unset
        if isinstance(self.liked, Unset):
            liked = UNSET
        else:
            liked = self.liked

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

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "message_id": message_id,
                "conversation_id": conversation_id,
                "user_id": user_id,
                "answer": answer,
                "given_at": given_at,
            }
        )
        if liked is not UNSET:
            field_dict["liked"] = liked
        if feedback is not UNSET:
            field_dict["feedback"] = feedback
        if hand_off is not UNSET:
            field_dict["hand_off"] = hand_off

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        message_id = d.pop("message_id")

        conversation_id = d.pop("conversation_id")

        user_id = d.pop("user_id")

        answer = d.pop("answer")

        given_at = datetime.datetime.fromisoformat(d.pop("given_at"))

        def _parse_liked(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        liked = _parse_liked(d.pop("liked", UNSET))

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

        user_feedback = cls(
            message_id=message_id,
            conversation_id=conversation_id,
            user_id=user_id,
            answer=answer,
            given_at=given_at,
            liked=liked,
            feedback=feedback,
            hand_off=hand_off,
        )

        user_feedback.additional_properties = d
        return user_feedback

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
