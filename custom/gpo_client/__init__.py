"""The client for the GPO Core API: typed answers and streams, in sync and async Python.

    from gpo_client import SyncGPOCoreClient

    with SyncGPOCoreClient() as client:
        conversation = client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
        for text in conversation.stream("What is RESICO?").text():
            print(text, end="")

This module hands on names and defines none. Each is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        WrongWorldError,
    )
    from gpo_client.flows.call_details import (
        AttemptDetails,
        CallDetails,
        CallResult,
        ResumeDetails,
        RetryDetails,
        WaitDetails,
    )
    from gpo_client.flows.observers import (
        CallObserver,
        Observer,
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
        StreamProgress,
        StreamStats,
        SyncChatStream,
        transforms,
    )

__all__ = [
    "APIStatusError",
    "AsyncPage",
    "AttemptDetails",
    "AuthenticationError",
    "BatchStoppedError",
    "CallDetails",
    "CallObserver",
    "CallResult",
    "ChatContext",
    "ChatHistoryEntry",
    "ChatRequest",
    "ChatResponse",
    "ChatStream",
    "ChunkAggregator",
    "Citation",
    "CitationSource",
    "ConfigurationError",
    "ConflictError",
    "Conversation",
    "ConversationHandle",
    "ConversationRating",
    "ConversationRequest",
    "ConversationSummary",
    "CredentialError",
    "Document",
    "DocumentCategory",
    "DocumentSearch",
    "DocumentSolution",
    "Download",
    "Feedback",
    "GPOClientError",
    "GPOConfig",
    "GPOConnectionError",
    "GPOCoreClient",
    "GPOTimeoutError",
    "HandoffFeedback",
    "InsecureConnectionWarning",
    "InvalidArgumentError",
    "InvalidRequestError",
    "InvalidResponseError",
    "Message",
    "MessageSearch",
    "NotFoundError",
    "Observer",
    "Page",
    "PermissionDeniedError",
    "Problem",
    "RateLimitError",
    "RedactionFilter",
    "ResumeDetails",
    "RetryDetails",
    "RetryPolicy",
    "SSEDecoder",
    "Secret",
    "SensitiveChatRequest",
    "SensitiveChatResponse",
    "SensitivityMarker",
    "ServerError",
    "ServerSentEvent",
    "ServiceUnavailableError",
    "Session",
    "SessionContext",
    "StreamError",
    "StreamInterruptedError",
    "StreamLimitError",
    "StreamProgress",
    "StreamProtocolError",
    "StreamServerError",
    "StreamStats",
    "StreamTimeoutError",
    "StreamedResponse",
    "StreamingChatRequest",
    "StreamingChunk",
    "SyncChatStream",
    "SyncConversationHandle",
    "SyncGPOCoreClient",
    "SyncPage",
    "TokenExpiredError",
    "UnknownSettingWarning",
    "UnusableProxyWarning",
    "UsageError",
    "WaitDetails",
    "WrongWorldError",
    "__version__",
    "transforms",
]

__getattr__ = lazy_names(
    __name__,
    {
        __name__: "client config exceptions models streaming",
        "gpo_client.client": (
            "AsyncPage ConversationHandle GPOCoreClient SyncConversationHandle SyncGPOCoreClient SyncPage"
        ),
        "gpo_client.config": "GPOConfig",
        "gpo_client.exceptions": (
            "APIStatusError AuthenticationError BatchStoppedError ConfigurationError ConflictError CredentialError "
            "GPOClientError "
            "GPOConnectionError GPOTimeoutError InvalidArgumentError InvalidRequestError InvalidResponseError "
            "NotFoundError PermissionDeniedError RateLimitError ServerError ServiceUnavailableError "
            "StreamError StreamInterruptedError StreamLimitError StreamProtocolError StreamServerError "
            "StreamTimeoutError TokenExpiredError UsageError WrongWorldError InsecureConnectionWarning "
            "UnknownSettingWarning UnusableProxyWarning"
        ),
        "gpo_client.flows.call_details": "AttemptDetails CallDetails CallResult ResumeDetails RetryDetails WaitDetails",
        "gpo_client.flows.observers": "CallObserver Observer",
        "gpo_client.logs": "RedactionFilter",
        "gpo_client.models": (
            "ChatContext ChatResponse Citation CitationSource Download Message Page Problem Secret "
            "SensitiveChatResponse Session StreamedResponse StreamingChunk ChatHistoryEntry ChatRequest "
            "Conversation ConversationRating ConversationRequest ConversationSummary Document "
            "DocumentCategory DocumentSearch DocumentSolution Feedback HandoffFeedback MessageSearch "
            "SensitiveChatRequest SensitivityMarker SessionContext StreamingChatRequest"
        ),
        "gpo_client.streaming": (
            "ChatStream ChunkAggregator RetryPolicy ServerSentEvent SSEDecoder StreamProgress StreamStats "
            "SyncChatStream transforms"
        ),
    },
)


def __dir__() -> list[str]:
    return __all__
