"""What clients get: the response shapes of the contract. Optional fields that have no value are left out."""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Session(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Answer of createSession."""

    session_id: str
    token: str
    expires_at: str
    user_id: str
    display_name: str | None = None


class Conversation(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Answer of startConversation."""

    conversation_id: str
    title: str
    created_at: str
    status: str
    welcome_message: str | None = None
    metadata: dict[str, object] | None = None


class ConversationSummary(Conversation, omit_defaults=True, kw_only=True):
    """A conversation in a list."""

    message_count: int
    last_message_at: str | None
    is_bookmarked: bool | None = None


class CitationSource(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A passage that an answer rests on."""

    id: str
    title: str
    relevance_score: float | None
    url: str | None
    content_excerpt: str | None
    document_id: str | None = None
    metadata: dict[str, object] | None = None


class ChatResponse(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Answer of chat."""

    message_id: str
    conversation_id: str
    message_content: str
    sources: list[CitationSource]
    created_at: str
    response_time_ms: int
    model_used: str


class SensitiveChatResponse(ChatResponse, omit_defaults=True, kw_only=True):
    """Answer of chatSensitive."""

    sensitive_content_detected: bool
    compliance_warnings: list[str] | None = None


class StreamingChunk(msgspec.Struct, kw_only=True):
    """One piece of a streamed answer; absent values are written as null."""

    content: str | None = None
    sources: list[CitationSource] | None = None
    is_complete: bool = False
    metadata: dict[str, object] | None = None


class Message(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One turn of a conversation."""

    message_id: str
    conversation_id: str
    role: str
    content: str
    created_at: str
    sources: list[CitationSource] | None = None
    liked: bool | None = None


class Document(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A document of the library."""

    document_id: str
    title: str
    file_name: str
    media_type: str
    size_bytes: int
    tags: list[str]
    created_at: str
    modified_at: str
    category: str | None = None
    sub_category: str | None = None
    solution: str | None = None
    summary: str | None = None


class DocumentCategory(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A category or sub-category of documents."""

    category_id: str
    name: str
    document_category_type: str
    parent_id: str | None = None


class DocumentSolution(msgspec.Struct, kw_only=True):
    """A solution that documents belong to."""

    solution_id: str
    name: str


class Page(msgspec.Struct, Generic[T], kw_only=True):
    """One page of a list."""

    items: list[T]
    page: int
    page_size: int
    total_count: int


class DailyCount(msgspec.Struct, kw_only=True):
    """A number of one day in UTC."""

    date: str
    count: int


class MetricTotal(msgspec.Struct, kw_only=True):
    """A number, and how it came about day by day."""

    total: int
    by_day: list[DailyCount]


class DailyAverage(msgspec.Struct, kw_only=True):
    """The average of one day in UTC."""

    date: str
    answer_count: int
    average_ms: float


class AverageResponseTime(msgspec.Struct, kw_only=True):
    """How long answers took."""

    answer_count: int
    average_ms: float | None
    minimum_ms: int | None
    maximum_ms: int | None
    by_day: list[DailyAverage]


class Opinion(msgspec.Struct, kw_only=True):
    """What users think of answers."""

    liked: int
    disliked: int
    undecided: int
    like_rate: float | None


class Resolution(msgspec.Struct, kw_only=True):
    """Whether conversations clarified what was asked."""

    resolved: int
    unresolved: int
    undecided: int
    resolved_rate: float | None


class SentimentDistribution(msgspec.Struct, kw_only=True):
    """How opinions spread from positive to negative."""

    positive: int
    neutral: int
    negative: int
    positive_rate: float | None
    neutral_rate: float | None
    negative_rate: float | None


class TopSourceDocument(msgspec.Struct, kw_only=True):
    """A document, and how often answers cite it."""

    document_id: str
    title: str
    citation_count: int
    average_relevance_score: float | None


class TotalTraffic(msgspec.Struct, kw_only=True):
    """How much was going on; the hours are those of UTC."""

    conversation_count: int
    question_count: int
    answer_count: int
    questions_by_hour: list[int]


class CountryTraffic(msgspec.Struct, kw_only=True):
    """The traffic from one country."""

    country_id: str | None
    country_name: str | None
    question_count: int
    user_count: int


class UserFeedback(msgspec.Struct, kw_only=True):
    """What a user said of an answer."""

    message_id: str
    conversation_id: str
    user_id: str
    answer: str
    liked: bool | None
    feedback: str | None
    hand_off: bool | None
    given_at: str


class RatedConversation(msgspec.Struct, kw_only=True):
    """A conversation and its rating."""

    conversation_id: str
    title: str
    user_id: str
    rating: int
    rating_comment: str | None
    rated_at: str
    message_count: int


class QuestionDetail(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A question, and its answer if there is one."""

    question_id: str
    conversation_id: str
    user_id: str
    question: str
    asked_at: str
    message_id: str | None = None
    answer: str | None = None
    answered_at: str | None = None
    response_time_ms: int | None = None
    relevance_score: float | None = None
    sources: list[CitationSource] | None = None
    liked: bool | None = None
    feedback: str | None = None
    country_id: str | None = None
    user_type: str | None = None


class SelectedQuestionColumns(msgspec.Struct, kw_only=True):
    """The columns of a user's exports."""

    columns: list[str]
