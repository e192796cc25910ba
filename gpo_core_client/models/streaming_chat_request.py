from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.response_type import ResponseType, check_response_type
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.metadata import Metadata


T = TypeVar("T", bound="StreamingChatRequest")


@_attrs_define
class StreamingChatRequest:
    """A question that is answered by an event stream.

    Attributes:
        query (str): The question, in the user's words.
        use_openai (bool | Unset): Whether a language model writes the answer; otherwise passages are quoted. Default:
            True.
        conversation_id (None | str | Unset): The id of the conversation that the question belongs to; a new one is
            started when absent.
        session_id (None | str | Unset): The id of the session; the one of the bearer token when absent.
        response_type (None | ResponseType | Unset): The kind of response that is asked for.
        client_metadata (Metadata | None | Unset): Facts about the client, to store with the message.
        stream (bool | Unset): Whether the answer is streamed. Clients send it always: a body without it is a plain
            ChatRequest. Default: True.
    """

    query: str
    use_openai: bool | Unset = True
    conversation_id: None | str | Unset = UNSET
    session_id: None | str | Unset = UNSET
    response_type: None | ResponseType | Unset = UNSET
    client_metadata: Metadata | None | Unset = UNSET
    stream: bool | Unset = True
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.metadata import Metadata  # noqa: PLC0415

        query = self.query

        use_openai = self.use_openai

        conversation_id: None | str | Unset
        if isinstance(self.conversation_id, Unset):
            conversation_id = UNSET
        else:
            conversation_id = self.conversation_id

        session_id: None | str | Unset
        if isinstance(self.session_id, Unset):
            session_id = UNSET
        else:
            session_id = self.session_id

        response_type: None | str | Unset
        if isinstance(self.response_type, Unset):
            response_type = UNSET
        elif isinstance(self.response_type, str):
            response_type = self.response_type
        else:
            response_type = self.response_type

        client_metadata: dict[str, Any] | None | Unset
        if isinstance(self.client_metadata, Unset):
            client_metadata = UNSET
        elif isinstance(self.client_metadata, Metadata):
            client_metadata = self.client_metadata.to_dict()
        else:
            client_metadata = self.client_metadata

        stream = self.stream

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "query": query,
            }
        )
        if use_openai is not UNSET:
            field_dict["use_openai"] = use_openai
        if conversation_id is not UNSET:
            field_dict["conversation_id"] = conversation_id
        if session_id is not UNSET:
            field_dict["session_id"] = session_id
        if response_type is not UNSET:
            field_dict["response_type"] = response_type
        if client_metadata is not UNSET:
            field_dict["client_metadata"] = client_metadata
        if stream is not UNSET:
            field_dict["stream"] = stream

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.metadata import Metadata  # noqa: PLC0415

        d = dict(src_dict)
        query = d.pop("query")

        use_openai = d.pop("use_openai", UNSET)

        def _parse_conversation_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        conversation_id = _parse_conversation_id(d.pop("conversation_id", UNSET))

        def _parse_session_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        session_id = _parse_session_id(d.pop("session_id", UNSET))

        def _parse_response_type(data: object) -> None | ResponseType | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                response_type_type_0 = check_response_type(data)

                return response_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ResponseType | Unset, data)

        response_type = _parse_response_type(d.pop("response_type", UNSET))

        def _parse_client_metadata(data: object) -> Metadata | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                client_metadata_type_0 = Metadata.from_dict(data)

                return client_metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Metadata | None | Unset, data)

        client_metadata = _parse_client_metadata(d.pop("client_metadata", UNSET))

        stream = d.pop("stream", UNSET)

        streaming_chat_request = cls(
            query=query,
            use_openai=use_openai,
            conversation_id=conversation_id,
            session_id=session_id,
            response_type=response_type,
            client_metadata=client_metadata,
            stream=stream,
        )

        streaming_chat_request.additional_properties = d
        return streaming_chat_request

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
