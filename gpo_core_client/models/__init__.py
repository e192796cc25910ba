"""Contains all the data models used in inputs/outputs"""

from .answer_feedback import Feedback
from .average_response_time import AverageResponseTime
from .bookmark import Bookmark
from .chat_history_entry import ChatHistoryEntry
from .chat_request import ChatRequest
from .chat_response import ChatResponse
from .citation_source import CitationSource
from .conversation import Conversation
from .conversation_page import ConversationPage
from .conversation_rating import ConversationRating
from .conversation_request import ConversationRequest
from .conversation_status import ConversationStatus
from .conversation_summary import ConversationSummary
from .country import Country
from .country_traffic import CountryTraffic
from .daily_average import DailyAverage
from .daily_count import DailyCount
from .discover_file import DiscoverFile
from .document import Document
from .document_category import DocumentCategory
from .document_category_type import DocumentCategoryType
from .document_page import DocumentPage
from .document_search import DocumentSearch
from .document_solution import DocumentSolution
from .document_sort_column import DocumentSortColumn
from .environment import Environment
from .handoff_feedback import HandoffFeedback
from .knowledge_assistant_tag import KnowledgeAssistantTag
from .message import Message
from .message_page import MessagePage
from .message_role import MessageRole
from .message_search import MessageSearch
from .metadata import Metadata
from .metric_filter import MetricFilter
from .metric_total import MetricTotal
from .opinion import Opinion
from .problem import Problem
from .question_column import QuestionColumn
from .question_column_selection import QuestionColumnSelection
from .question_detail import QuestionDetail
from .question_detail_export import QuestionDetailExport
from .question_detail_filter import QuestionDetailFilter
from .question_detail_page import QuestionDetailPage
from .question_detail_search import QuestionDetailSearch
from .question_metric_filter import QuestionMetricFilter
from .question_sort_column import QuestionSortColumn
from .rated_conversation import RatedConversation
from .rating_export import RatingExport
from .rating_filter import RatingFilter
from .rating_filters import RatingFilters
from .rating_page import RatingPage
from .rating_search import RatingSearch
from .rating_sort_column import RatingSortColumn
from .resolution import Resolution
from .response_type import ResponseType
from .selected_question_columns import SelectedQuestionColumns
from .sensitive_chat_request import SensitiveChatRequest
from .sensitive_chat_response import SensitiveChatResponse
from .sensitivity_marker import SensitivityMarker
from .sentiment_distribution import SentimentDistribution
from .service_line import ServiceLine
from .session import Session
from .session_context import SessionContext
from .sort_order import SortOrder
from .source_document_filter import SourceDocumentFilter
from .streaming_chat_request import StreamingChatRequest
from .streaming_chunk import StreamingChunk
from .top_source_document import TopSourceDocument
from .total_traffic import TotalTraffic
from .user import User
from .user_batch import UserBatch
from .user_entry import UserEntry
from .user_feedback import UserFeedback
from .user_feedback_page import UserFeedbackPage
from .user_feedback_search import UserFeedbackSearch
from .user_page import UserPage
from .user_sort_column import UserSortColumn
from .user_type import UserType

__all__ = (
    "AverageResponseTime",
    "Bookmark",
    "ChatHistoryEntry",
    "ChatRequest",
    "ChatResponse",
    "CitationSource",
    "Conversation",
    "ConversationPage",
    "ConversationRating",
    "ConversationRequest",
    "ConversationStatus",
    "ConversationSummary",
    "Country",
    "CountryTraffic",
    "DailyAverage",
    "DailyCount",
    "DiscoverFile",
    "Document",
    "DocumentCategory",
    "DocumentCategoryType",
    "DocumentPage",
    "DocumentSearch",
    "DocumentSolution",
    "DocumentSortColumn",
    "Environment",
    "Feedback",
    "HandoffFeedback",
    "KnowledgeAssistantTag",
    "Message",
    "MessagePage",
    "MessageRole",
    "MessageSearch",
    "Metadata",
    "MetricFilter",
    "MetricTotal",
    "Opinion",
    "Problem",
    "QuestionColumn",
    "QuestionColumnSelection",
    "QuestionDetail",
    "QuestionDetailExport",
    "QuestionDetailFilter",
    "QuestionDetailPage",
    "QuestionDetailSearch",
    "QuestionMetricFilter",
    "QuestionSortColumn",
    "RatedConversation",
    "RatingExport",
    "RatingFilter",
    "RatingFilters",
    "RatingPage",
    "RatingSearch",
    "RatingSortColumn",
    "Resolution",
    "ResponseType",
    "SelectedQuestionColumns",
    "SensitiveChatRequest",
    "SensitiveChatResponse",
    "SensitivityMarker",
    "SentimentDistribution",
    "ServiceLine",
    "Session",
    "SessionContext",
    "SortOrder",
    "SourceDocumentFilter",
    "StreamingChatRequest",
    "StreamingChunk",
    "TopSourceDocument",
    "TotalTraffic",
    "User",
    "UserBatch",
    "UserEntry",
    "UserFeedback",
    "UserFeedbackPage",
    "UserFeedbackSearch",
    "UserPage",
    "UserSortColumn",
    "UserType",
)
