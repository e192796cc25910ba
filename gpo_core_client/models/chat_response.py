from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.citation_source import CitationSource


T = TypeVar("T", bound="ChatResponse")


@_attrs_define
class ChatResponse:
    """A whole answer.

    Attributes:
        message_id (str): The id of the answer.
        conversation_id (str): The id of the conversation.
        message_content (str): The text of the answer.
        sources (list[CitationSource]): The sources that the answer cites, the most relevant first; may be empty.
        created_at (datetime.datetime): When the answer was written.
        response_time_ms (int): How long the answer took, in milliseconds.
        model_used (str): The name of the model that wrote the answer.
    """

    message_id: str
    conversation_id: str
    message_content: str
    sources: list[CitationSource]
    created_at: datetime.datetime
    response_time_ms: int
    model_used: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        message_id = self.message_id

        conversation_id = self.conversation_id

        message_content = self.message_content

        sources = []
        for sources_item_data in self.sources:
            sources_item = sources_item_data.to_dict()
            sources.append(sources_item)

        created_at = self.created_at.isoformat()

        response_time_ms = self.response_time_ms

        model_used = self.model_used

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "message_id": message_id,
                "conversation_id": conversation_id,
                "message_content": message_content,
                "sources": sources,
                "created_at": created_at,
                "response_time_ms": response_time_ms,
                "model_used": model_used,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.citation_source import CitationSource  # noqa: PLC0415

        d = dict(src_dict)
        message_id = d.pop("message_id")

        conversation_id = d.pop("conversation_id")

        message_content = d.pop("message_content")

        sources = []
        _sources = d.pop("sources")
        for sources_item_data in _sources:
            sources_item = CitationSource.from_dict(sources_item_data)

            sources.append(sources_item)

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        response_time_ms = d.pop("response_time_ms")

        model_used = d.pop("model_used")

        chat_response = cls(
            message_id=message_id,
            conversation_id=conversation_id,
            message_content=message_content,
            sources=sources,
            created_at=created_at,
            response_time_ms=response_time_ms,
            model_used=model_used,
        )

        chat_response.additional_properties = d
        return chat_response

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
