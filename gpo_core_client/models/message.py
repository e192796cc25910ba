from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.message_role import MessageRole, check_message_role
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.citation_source import CitationSource


T = TypeVar("T", bound="Message")


@_attrs_define
class Message:
    """A question or an answer in a conversation.

    Attributes:
        message_id (str): The id of the message.
        conversation_id (str): The id of the conversation.
        role (MessageRole | str): Who wrote the message.
        content (str): The text of the message.
        created_at (datetime.datetime): When the message was written.
        sources (list[CitationSource] | None | Unset): The sources that an answer cites.
        liked (bool | None | Unset): Whether the user likes the answer; null when the user has not said.
    """

    message_id: str
    conversation_id: str
    role: MessageRole | str
    content: str
    created_at: datetime.datetime
    sources: list[CitationSource] | None | Unset = UNSET
    liked: bool | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        message_id = self.message_id

        conversation_id = self.conversation_id

        role: str
        if isinstance(self.role, str):
            role = self.role
        else:
            role = self.role

        content = self.content

        created_at = self.created_at.isoformat()

        sources: list[dict[str, Any]] | None | Unset
        if isinstance(self.sources, Unset):
            sources = UNSET
        elif isinstance(self.sources, list):
            sources = []
            for sources_type_0_item_data in self.sources:
                sources_type_0_item = sources_type_0_item_data.to_dict()
                sources.append(sources_type_0_item)

        else:
            sources = self.sources

        liked: bool | None | Unset
        if isinstance(self.liked, Unset):
            liked = UNSET
        else:
            liked = self.liked

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "message_id": message_id,
                "conversation_id": conversation_id,
                "role": role,
                "content": content,
                "created_at": created_at,
            }
        )
        if sources is not UNSET:
            field_dict["sources"] = sources
        if liked is not UNSET:
            field_dict["liked"] = liked

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.citation_source import CitationSource  # noqa: PLC0415

        d = dict(src_dict)
        message_id = d.pop("message_id")

        conversation_id = d.pop("conversation_id")

        def _parse_role(data: object) -> MessageRole | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                role_type_0 = check_message_role(data)

                return role_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(MessageRole | str, data)

        role = _parse_role(d.pop("role"))

        content = d.pop("content")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_sources(data: object) -> list[CitationSource] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                sources_type_0 = []
                _sources_type_0 = data
                for sources_type_0_item_data in _sources_type_0:
                    sources_type_0_item = CitationSource.from_dict(
                        sources_type_0_item_data
                    )

                    sources_type_0.append(sources_type_0_item)

                return sources_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[CitationSource] | None | Unset, data)

        sources = _parse_sources(d.pop("sources", UNSET))

        def _parse_liked(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        liked = _parse_liked(d.pop("liked", UNSET))

        message = cls(
            message_id=message_id,
            conversation_id=conversation_id,
            role=role,
            content=content,
            created_at=created_at,
            sources=sources,
            liked=liked,
        )

        message.additional_properties = d
        return message

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
