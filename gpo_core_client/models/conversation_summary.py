from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.conversation_status import ConversationStatus, check_conversation_status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.metadata import Metadata


T = TypeVar("T", bound="ConversationSummary")


@_attrs_define
class ConversationSummary:
    """A conversation, and how much was said in it.

    Attributes:
        conversation_id (str): The id of the conversation.
        title (str): The title.
        created_at (datetime.datetime): When the conversation was started.
        status (ConversationStatus | str): Whether the conversation takes more questions.
        message_count (int): The number of messages.
        welcome_message (None | str | Unset): A greeting to show before the first question.
        metadata (Metadata | None | Unset): The facts stored with the conversation.
        last_message_at (datetime.datetime | None | Unset): When the last message was written; null when there is none.
        is_bookmarked (bool | None | Unset): Whether the user has bookmarked the conversation.
    """

    conversation_id: str
    title: str
    created_at: datetime.datetime
    status: ConversationStatus | str
    message_count: int
    welcome_message: None | str | Unset = UNSET
    metadata: Metadata | None | Unset = UNSET
    last_message_at: datetime.datetime | None | Unset = UNSET
    is_bookmarked: bool | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.metadata import Metadata  # noqa: PLC0415

        conversation_id = self.conversation_id

        title = self.title

        created_at = self.created_at.isoformat()

        status: str
        if isinstance(self.status, str):
            status = self.status
        else:
            status = self.status

        message_count = self.message_count

        welcome_message: None | str | Unset
        if isinstance(self.welcome_message, Unset):
            welcome_message = UNSET
        else:
            welcome_message = self.welcome_message

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, Metadata):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

        last_message_at: None | str | Unset
        if isinstance(self.last_message_at, Unset):
            last_message_at = UNSET
        elif isinstance(self.last_message_at, datetime.datetime):
            last_message_at = self.last_message_at.isoformat()
        else:
            last_message_at = self.last_message_at

        is_bookmarked: bool | None | Unset
        if isinstance(self.is_bookmarked, Unset):
            is_bookmarked = UNSET
        else:
            is_bookmarked = self.is_bookmarked

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "conversation_id": conversation_id,
                "title": title,
                "created_at": created_at,
                "status": status,
                "message_count": message_count,
            }
        )
        if welcome_message is not UNSET:
            field_dict["welcome_message"] = welcome_message
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if last_message_at is not UNSET:
            field_dict["last_message_at"] = last_message_at
        if is_bookmarked is not UNSET:
            field_dict["is_bookmarked"] = is_bookmarked

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.metadata import Metadata  # noqa: PLC0415

        d = dict(src_dict)
        conversation_id = d.pop("conversation_id")

        title = d.pop("title")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_status(data: object) -> ConversationStatus | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = check_conversation_status(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ConversationStatus | str, data)

        status = _parse_status(d.pop("status"))

        message_count = d.pop("message_count")

        def _parse_welcome_message(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        welcome_message = _parse_welcome_message(d.pop("welcome_message", UNSET))

        def _parse_metadata(data: object) -> Metadata | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                metadata_type_0 = Metadata.from_dict(data)

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Metadata | None | Unset, data)

        metadata = _parse_metadata(d.pop("metadata", UNSET))

        def _parse_last_message_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_message_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_message_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        last_message_at = _parse_last_message_at(d.pop("last_message_at", UNSET))

        def _parse_is_bookmarked(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_bookmarked = _parse_is_bookmarked(d.pop("is_bookmarked", UNSET))

        conversation_summary = cls(
            conversation_id=conversation_id,
            title=title,
            created_at=created_at,
            status=status,
            message_count=message_count,
            welcome_message=welcome_message,
            metadata=metadata,
            last_message_at=last_message_at,
            is_bookmarked=is_bookmarked,
        )

        conversation_summary.additional_properties = d
        return conversation_summary

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
