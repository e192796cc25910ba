from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.response_type import ResponseType, check_response_type
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.chat_history_entry import ChatHistoryEntry
    from ..models.metadata import Metadata
    from ..models.sensitivity_marker import SensitivityMarker


T = TypeVar("T", bound="SensitiveChatRequest")


@_attrs_define
class SensitiveChatRequest:
    """A question that may contain protected data.

    Attributes:
        query (str): The question, in the user's words.
        use_openai (bool | Unset): Whether a language model writes the answer; otherwise passages are quoted. Default:
            True.
        conversation_id (None | str | Unset): The id of the conversation that the question belongs to; a new one is
            started when absent.
        session_id (None | str | Unset): The id of the session; the one of the bearer token when absent.
        response_type (None | ResponseType | Unset): The kind of response that is asked for.
        client_metadata (Metadata | None | Unset): Facts about the client, to store with the message.
        is_sensitive (bool | Unset): Whether the question is to be treated as sensitive. Default: True.
        chat_history (list[ChatHistoryEntry] | None | Unset): What was said before, the oldest first.
        sensitivity_markers (list[SensitivityMarker] | None | Unset): The parts of the question that are sensitive.
        data_handling_policy (None | str | Unset): The name of the policy that says how protected data is handled.
    """

    query: str
    use_openai: bool | Unset = True
    conversation_id: None | str | Unset = UNSET
    session_id: None | str | Unset = UNSET
    response_type: None | ResponseType | Unset = UNSET
    client_metadata: Metadata | None | Unset = UNSET
    is_sensitive: bool | Unset = True
    chat_history: list[ChatHistoryEntry] | None | Unset = UNSET
    sensitivity_markers: list[SensitivityMarker] | None | Unset = UNSET
    data_handling_policy: None | str | Unset = UNSET
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

        is_sensitive = self.is_sensitive

        chat_history: list[dict[str, Any]] | None | Unset
        if isinstance(self.chat_history, Unset):
            chat_history = UNSET
        elif isinstance(self.chat_history, list):
            chat_history = []
            for chat_history_type_0_item_data in self.chat_history:
                chat_history_type_0_item = chat_history_type_0_item_data.to_dict()
                chat_history.append(chat_history_type_0_item)

        else:
            chat_history = self.chat_history

        sensitivity_markers: list[dict[str, Any]] | None | Unset
        if isinstance(self.sensitivity_markers, Unset):
            sensitivity_markers = UNSET
        elif isinstance(self.sensitivity_markers, list):
            sensitivity_markers = []
            for sensitivity_markers_type_0_item_data in self.sensitivity_markers:
                sensitivity_markers_type_0_item = (
                    sensitivity_markers_type_0_item_data.to_dict()
                )
                sensitivity_markers.append(sensitivity_markers_type_0_item)

        else:
            sensitivity_markers = self.sensitivity_markers

        data_handling_policy: None | str | Unset
        if isinstance(self.data_handling_policy, Unset):
            data_handling_policy = UNSET
        else:
            data_handling_policy = self.data_handling_policy

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
        if is_sensitive is not UNSET:
            field_dict["is_sensitive"] = is_sensitive
        if chat_history is not UNSET:
            field_dict["chat_history"] = chat_history
        if sensitivity_markers is not UNSET:
            field_dict["sensitivity_markers"] = sensitivity_markers
        if data_handling_policy is not UNSET:
            field_dict["data_handling_policy"] = data_handling_policy

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.chat_history_entry import ChatHistoryEntry  # noqa: PLC0415
        from ..models.metadata import Metadata  # noqa: PLC0415
        from ..models.sensitivity_marker import SensitivityMarker  # noqa: PLC0415

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

        is_sensitive = d.pop("is_sensitive", UNSET)

        def _parse_chat_history(data: object) -> list[ChatHistoryEntry] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                chat_history_type_0 = []
                _chat_history_type_0 = data
                for chat_history_type_0_item_data in _chat_history_type_0:
                    chat_history_type_0_item = ChatHistoryEntry.from_dict(
                        chat_history_type_0_item_data
                    )

                    chat_history_type_0.append(chat_history_type_0_item)

                return chat_history_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ChatHistoryEntry] | None | Unset, data)

        chat_history = _parse_chat_history(d.pop("chat_history", UNSET))

        def _parse_sensitivity_markers(
            data: object,
        ) -> list[SensitivityMarker] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                sensitivity_markers_type_0 = []
                _sensitivity_markers_type_0 = data
                for sensitivity_markers_type_0_item_data in _sensitivity_markers_type_0:
                    sensitivity_markers_type_0_item = SensitivityMarker.from_dict(
                        sensitivity_markers_type_0_item_data
                    )

                    sensitivity_markers_type_0.append(sensitivity_markers_type_0_item)

                return sensitivity_markers_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[SensitivityMarker] | None | Unset, data)

        sensitivity_markers = _parse_sensitivity_markers(
            d.pop("sensitivity_markers", UNSET)
        )

        def _parse_data_handling_policy(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        data_handling_policy = _parse_data_handling_policy(
            d.pop("data_handling_policy", UNSET)
        )

        sensitive_chat_request = cls(
            query=query,
            use_openai=use_openai,
            conversation_id=conversation_id,
            session_id=session_id,
            response_type=response_type,
            client_metadata=client_metadata,
            is_sensitive=is_sensitive,
            chat_history=chat_history,
            sensitivity_markers=sensitivity_markers,
            data_handling_policy=data_handling_policy,
        )

        sensitive_chat_request.additional_properties = d
        return sensitive_chat_request

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
