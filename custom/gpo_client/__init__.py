"""The client for the GPO Core API: typed answers and streams, in sync and async Python.

    from gpo_client import SyncGPOCoreClient

    with SyncGPOCoreClient() as client:
        conversation = client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
        for text in conversation.stream("What is RESICO?").text():
            print(text, end="")

This module hands on names and defines none. Each is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gpo_client.lazy import lazy_names
from gpo_client.version import VERSION as __version__  # noqa: N811 - the name that tools look for

if TYPE_CHECKING:
    from gpo_client.client import (
        AsyncPage,
        ConversationHandle,
        GPOCoreClient,
        SyncConversationHandle,
        SyncGPOCoreClient,
        SyncPage,
    )
    from gpo_client.config import GPOConfig
    from gpo_client.exceptions import (
        APIStatusError,
        AuthenticationError,
        BatchStoppedError,
        ConfigurationError,
        ConflictError,
        CredentialError,
        GPOClientError,
        GPOConnectionError,
        GPOTimeoutError,
        InsecureConnectionWarning,
        InvalidArgumentError,
        InvalidRequestError,
        InvalidResponseError,
        NotFoundError,
        PermissionDeniedError,
        RateLimitError,
        ServerError,
        ServiceUnavailableError,
        StreamError,
        StreamInterruptedError,
        StreamLimitError,
        StreamProtocolError,
        StreamServerError,
        StreamTimeoutError,
        TokenExpiredError,
        UnknownSettingWarning,
        UnusableProxyWarning,
        UsageError,
        WrongRuntimeError,
    )
    from gpo_client.logs import RedactionFilter
    from gpo_client.models import (
        ChatContext,
        ChatHistoryEntry,
        ChatRequest,
        ChatResponse,
        Citation,
        CitationSource,
        Conversation,
        ConversationRating,
        ConversationRequest,
        ConversationSummary,
        Document,
        DocumentCategory,
        DocumentSearch,
        DocumentSolution,
        Download,
        Feedback,
        HandoffFeedback,
        Message,
        MessageSearch,
        Page,
        Problem,
        Secret,
        SensitiveChatRequest,
        SensitiveChatResponse,
        SensitivityMarker,
        Session,
        SessionContext,
        StreamedResponse,
        StreamingChatRequest,
        StreamingChunk,
    )
    from gpo_client.streaming import (
        ChatStream,
        ChunkAggregator,
        RetryPolicy,
        ServerSentEvent,
        SSEDecoder,
        SyncChatStream,
        transforms,
    )

__all__ = [
    "APIStatusError", "AsyncPage", "AuthenticationError", "BatchStoppedError", "ChatContext", "ChatHistoryEntry",
    "ChatRequest", "ChatResponse", "ChatStream", "ChunkAggregator", "Citation", "CitationSource", "ConfigurationError",
    "ConflictError", "Conversation", "ConversationHandle", "ConversationRating", "ConversationRequest",
    "ConversationSummary", "CredentialError", "Document", "DocumentCategory", "DocumentSearch", "DocumentSolution",
    "Download", "Feedback", "GPOClientError", "GPOConfig", "GPOConnectionError", "GPOCoreClient", "GPOTimeoutError",
    "HandoffFeedback", "InsecureConnectionWarning", "InvalidArgumentError", "InvalidRequestError",
    "InvalidResponseError", "Message", "MessageSearch", "NotFoundError", "Page", "PermissionDeniedError", "Problem",
    "RateLimitError", "RedactionFilter", "RetryPolicy", "SSEDecoder", "Secret", "SensitiveChatRequest",
    "SensitiveChatResponse", "SensitivityMarker", "ServerError", "ServerSentEvent", "ServiceUnavailableError",
    "Session", "SessionContext", "StreamError", "StreamInterruptedError", "StreamLimitError", "StreamProtocolError",
    "StreamServerError", "StreamTimeoutError", "StreamedResponse", "StreamingChatRequest", "StreamingChunk",
    "SyncChatStream", "SyncConversationHandle", "SyncGPOCoreClient", "SyncPage", "TokenExpiredError",
    "UnknownSettingWarning", "UnusableProxyWarning", "UsageError", "WrongRuntimeError", "__version__", "transforms",
]  # fmt: skip

_load = lazy_names(
    __name__,
    {
        # All that is named no more below.
        "gpo_client.models": " ".join(__all__),
        "gpo_client.exceptions": " ".join(
            ["WrongWorldError", *(name for name in __all__ if name.endswith(("Error", "Warning")))]
        ),
        __name__: "client config exceptions models observers streaming",
        "gpo_client.client": (
            "AsyncPage ConversationHandle GPOCoreClient SyncConversationHandle SyncGPOCoreClient SyncPage"
        ),
        "gpo_client.config": "GPOConfig",
        "gpo_client.logs": "RedactionFilter",
        "gpo_client.streaming": (
            "ChatStream ChunkAggregator RetryPolicy ServerSentEvent SSEDecoder SyncChatStream transforms"
        ),
    },
)

# Names that were here, by the modules where they are now.
_MOVED = {
    "gpo_client.observers": (
        "AttemptDetails CallDetails CallObserver CallResult Observer ResumeDetails RetryDetails WaitDetails"
    ),
    "gpo_client.streaming": "StreamProgress StreamStats",
}


def __getattr__(name: str) -> Any:
    home = next((home for home, names in _MOVED.items() if name in names.split()), None)
    if home is None:
        return _load(name)
    from importlib import import_module

    from gpo_client.exceptions import warn_deprecated

    warn_deprecated(f"gpo_client.{name}", f"{home}.{name}", removed_in="0.3.0")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return __all__
