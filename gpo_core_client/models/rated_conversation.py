from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RatedConversation")


@_attrs_define
class RatedConversation:
    """A conversation and its rating.

    Attributes:
        conversation_id (str): The id of the conversation.
        title (str): The title of the conversation.
        user_id (str): The id of the user who rated it.
        rating (int): From 1, bad, to 5, excellent.
        rated_at (datetime.datetime): When it was rated.
        message_count (int): The number of messages of the conversation.
        rating_comment (None | str | Unset): The reason for the rating; null when there is none.
    """

    conversation_id: str
    title: str
    user_id: str
    rating: int
    rated_at: datetime.datetime
    message_count: int
    rating_comment: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        conversation_id = self.conversation_id

        title = self.title

        user_id = self.user_id

        rating = self.rating

        rated_at = self.rated_at.isoformat()

        message_count = self.message_count

        rating_comment: None | str | Unset
        if isinstance(self.rating_comment, Unset):
            rating_comment = UNSET
        else:
            rating_comment = self.rating_comment

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "conversation_id": conversation_id,
                "title": title,
                "user_id": user_id,
                "rating": rating,
                "rated_at": rated_at,
                "message_count": message_count,
            }
        )
        if rating_comment is not UNSET:
            field_dict["rating_comment"] = rating_comment

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        conversation_id = d.pop("conversation_id")

        title = d.pop("title")

        user_id = d.pop("user_id")

        rating = d.pop("rating")

        rated_at = datetime.datetime.fromisoformat(d.pop("rated_at"))

        message_count = d.pop("message_count")

        def _parse_rating_comment(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        rating_comment = _parse_rating_comment(d.pop("rating_comment", UNSET))

        rated_conversation = cls(
            conversation_id=conversation_id,
            title=title,
            user_id=user_id,
            rating=rating,
            rated_at=rated_at,
            message_count=message_count,
            rating_comment=rating_comment,
        )

        rated_conversation.additional_properties = d
        return rated_conversation

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
