from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="UserFeedback")


@_attrs_define
class UserFeedback:
    """What a user said of an answer.

    Attributes:
        message_id (str): The id of the answer.
        conversation_id (str): The id of the conversation.
        user_id (str): The id of the user.
        answer (str): The text of the answer.
        liked (bool | None): Whether the user likes the answer; null when the user has not said.
        feedback (None | str): The opinion in words; null when there is none.
        hand_off (bool | None): Whether the user wants to go on with a person; null when the user has not said.
        given_at (datetime.datetime): When the feedback was given.
    """

    message_id: str
    conversation_id: str
    user_id: str
    answer: str
    liked: bool | None
    feedback: None | str
    hand_off: bool | None
    given_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        message_id = self.message_id

        conversation_id = self.conversation_id

        user_id = self.user_id

        answer = self.answer

        liked: bool | None
        liked = self.liked

        feedback: None | str
        feedback = self.feedback

        hand_off: bool | None
        hand_off = self.hand_off

        given_at = self.given_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "message_id": message_id,
                "conversation_id": conversation_id,
                "user_id": user_id,
                "answer": answer,
                "liked": liked,
                "feedback": feedback,
                "hand_off": hand_off,
                "given_at": given_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        message_id = d.pop("message_id")

        conversation_id = d.pop("conversation_id")

        user_id = d.pop("user_id")

        answer = d.pop("answer")

        def _parse_liked(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        liked = _parse_liked(d.pop("liked"))

        def _parse_feedback(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        feedback = _parse_feedback(d.pop("feedback"))

        def _parse_hand_off(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        hand_off = _parse_hand_off(d.pop("hand_off"))

        given_at = datetime.datetime.fromisoformat(d.pop("given_at"))

        user_feedback = cls(
            message_id=message_id,
            conversation_id=conversation_id,
            user_id=user_id,
            answer=answer,
            liked=liked,
            feedback=feedback,
            hand_off=hand_off,
            given_at=given_at,
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
