"""Contains all the data models used in inputs/outputs"""

from .answer_feedback import Feedback
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
from .problem import Problem
from .response_type import ResponseType
from .sensitive_chat_request import SensitiveChatRequest
from .sensitive_chat_response import SensitiveChatResponse
from .sensitivity_marker import SensitivityMarker
from .session import Session
from .session_context import SessionContext
from .sort_order import SortOrder
from .streaming_chat_request import StreamingChatRequest
from .streaming_chunk import StreamingChunk

__all__ = (
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
    "Problem",
    "ResponseType",
    "SensitiveChatRequest",
    "SensitiveChatResponse",
    "SensitivityMarker",
    "Session",
    "SessionContext",
    "SortOrder",
    "StreamingChatRequest",
    "StreamingChunk",
)
