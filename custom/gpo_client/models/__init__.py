"""The models: what goes to the service and what comes back.

Those that the generator makes are handed on from ``gpo_core_client.models`` when they are first used, so that a
program loads only what it needs. Requests may be given as plain mappings instead; :mod:`gpo_client.models.requests` has
their types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpo_client.lazy import lazy_names
from gpo_client.models.answer import ChatResponse, Download, Message, QuestionDetail, SensitiveChatResponse
from gpo_client.models.page import AnswerList, Page
from gpo_client.models.problem import Problem
from gpo_client.models.secret import Secret
from gpo_client.models.session import ChatContext, Session
from gpo_client.models.stream import Citation, CitationSource, StreamedResponse, StreamingChunk

if TYPE_CHECKING:
    from gpo_client.models.generated import (
        AverageResponseTime,
        ChatHistoryEntry,
        ChatRequest,
        Conversation,
        ConversationRating,
        ConversationRequest,
        ConversationSummary,
        Country,
        CountryTraffic,
        DailyAverage,
        DailyCount,
        DiscoverFile,
        Document,
        DocumentCategory,
        DocumentSearch,
        DocumentSolution,
        Feedback,
        HandoffFeedback,
        MessageSearch,
        MetricFilter,
        MetricTotal,
        Opinion,
        QuestionColumn,
        QuestionDetailExport,
        QuestionDetailSearch,
        QuestionMetricFilter,
        RatedConversation,
        RatingExport,
        RatingFilters,
        RatingSearch,
        Resolution,
        SelectedQuestionColumns,
        SensitiveChatRequest,
        SensitivityMarker,
        SentimentDistribution,
        ServiceLine,
        SessionContext,
        SourceDocumentFilter,
        StreamingChatRequest,
        TopSourceDocument,
        TotalTraffic,
        User,
        UserEntry,
        UserFeedback,
        UserFeedbackSearch,
        UserType,
    )

__all__ = [
    "AnswerList", "AverageResponseTime", "ChatContext", "ChatHistoryEntry", "ChatRequest", "ChatResponse", "Citation",
    "CitationSource", "Conversation", "ConversationRating", "ConversationRequest", "ConversationSummary", "Country",
    "CountryTraffic", "DailyAverage", "DailyCount", "DiscoverFile", "Document", "DocumentCategory", "DocumentSearch",
    "DocumentSolution", "Download", "Feedback", "HandoffFeedback", "Message", "MessageSearch", "MetricFilter",
    "MetricTotal", "Opinion", "Page", "Problem", "QuestionColumn", "QuestionDetail", "QuestionDetailExport",
    "QuestionDetailSearch", "QuestionMetricFilter", "RatedConversation", "RatingExport", "RatingFilters",
    "RatingSearch", "Resolution", "Secret", "SelectedQuestionColumns", "SensitiveChatRequest", "SensitiveChatResponse",
    "SensitivityMarker", "SentimentDistribution", "ServiceLine", "Session", "SessionContext", "SourceDocumentFilter",
    "StreamedResponse", "StreamingChatRequest", "StreamingChunk", "TopSourceDocument", "TotalTraffic", "User",
    "UserEntry", "UserFeedback", "UserFeedbackSearch", "UserType",
]  # fmt: skip

# What is not imported above.
__getattr__ = lazy_names(__name__, {"gpo_client.models.generated": " ".join(__all__)})


def __dir__() -> list[str]:
    return __all__
