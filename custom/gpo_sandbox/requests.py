"""What clients send: the request shapes of the contract, as msgspec classes that check what they read."""

from datetime import date, datetime
from typing import Annotated, Literal, cast

import msgspec
from msgspec import Meta

Identifier = Annotated[str, Meta(min_length=1, max_length=128)]
Label = Annotated[str, Meta(max_length=128)]
Prose = Annotated[str, Meta(max_length=4096)]
SearchText = Annotated[str, Meta(max_length=1000)]
Metadata = dict[str, object]
UserType = Literal["internal", "external"]
SortOrder = Literal["Ascending", "Descending"]
PageNumber = Annotated[int, Meta(ge=1)]
PageSize = Annotated[int, Meta(ge=1, le=100)]
Moment = Annotated[datetime, Meta(tz=True)]
Seconds = Annotated[float, Meta(ge=0)]
ZoneName = Annotated[str, Meta(max_length=64)]
QuestionColumn = Literal[
    "asked_at", "question", "answered_at", "answer", "response_time_ms", "relevance_score", "sources", "liked",
    "feedback", "user_id", "country_id", "user_type", "conversation_id", "question_id", "message_id",
]  # fmt: skip


class SessionContext(msgspec.Struct, kw_only=True):
    """Body of createSession."""

    instance_id: Identifier
    user_id: Identifier
    project_id: Label | None = None
    environment: Literal["production", "staging", "development", "test"] | None = None


class ConversationRequest(msgspec.Struct, kw_only=True):
    """Body of startConversation."""

    session_id: Label | None = None
    title: Annotated[str, Meta(max_length=200)] | None = None
    metadata: Metadata | None = None


class AssistantChoice(msgspec.Struct, kw_only=True):
    """Query of startConversation."""

    knowledge_assistant_tag: Literal["CE", "DE", "TD", "SAT"] | None = None


class ChatRequest(msgspec.Struct, kw_only=True):
    """Body of chat; without `stream` the answer comes whole."""

    query: Annotated[str, Meta(min_length=1, max_length=32_768)]
    use_openai: bool = True
    conversation_id: Label | None = None
    session_id: Label | None = None
    response_type: Literal["Question", "AgentTransferPrompt", "QueryClarifiedPrompt"] | None = None
    client_metadata: Metadata | None = None
    stream: bool = False


class ChatTurn(msgspec.Struct, kw_only=True):
    """One earlier turn, as the client remembers it."""

    role: Literal["user", "assistant", "system"]
    content: Annotated[str, Meta(max_length=32_768)]


class SensitivityMarker(msgspec.Struct, kw_only=True):
    """A span of the query, counted in characters, that the client knows to be sensitive."""

    type: Identifier
    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=0)]


class SensitiveChatRequest(ChatRequest, kw_only=True):
    """Body of chatSensitive."""

    is_sensitive: bool = True
    chat_history: Annotated[list[ChatTurn], Meta(max_length=1000)] | None = None
    sensitivity_markers: Annotated[list[SensitivityMarker], Meta(max_length=1000)] | None = None
    data_handling_policy: Label | None = None


class Feedback(msgspec.Struct, kw_only=True):
    """Body of submitFeedback."""

    message_id: Identifier
    like: bool | None = None
    feedback: Prose | None = None
    hand_off: bool | None = None
    suggest_next_response: bool | None = None


class HandoffFeedback(msgspec.Struct, kw_only=True):
    """Body of submitHandoffFeedback."""

    conversation_id: Identifier
    is_clarified: bool


class ConversationRating(msgspec.Struct, kw_only=True):
    """Body of rateConversation."""

    conversation_id: Identifier
    rating: Annotated[int, Meta(ge=1, le=5)]
    rating_comment: Prose | None = None


class Paged:
    """Which part of a list is wanted, whatever else a request says."""

    __slots__ = ()
    page: int
    page_size: int

    @property
    def offset(self) -> int:
        """How many items come before this page."""
        return (self.page - 1) * self.page_size


class NoQuery(msgspec.Struct):
    """Query of an operation that takes none."""


class PageQuery(msgspec.Struct, Paged, kw_only=True):
    """Which part of a list is wanted; query or body of every list."""

    page: PageNumber = 1
    page_size: PageSize = 20


class HistoryQuery(PageQuery, kw_only=True):
    """Query of listConversations."""

    search_text: SearchText | None = None


class ClosedQuery(PageQuery, kw_only=True):
    """Query of listClosedConversations; both days are included."""

    from_date: date | None = None
    to_date: date | None = None


class MessageSearch(PageQuery, kw_only=True):
    """Body of searchMessages."""

    search_text: Annotated[SearchText, Meta(min_length=1)]
    start_date: date | None = None


class DocumentSearch(PageQuery, kw_only=True):
    """Body of searchDocuments."""

    search_text: SearchText | None = None
    sort_column: Literal["title", "file_name", "size_bytes", "created_at", "modified_at"] | None = None
    sort_order: SortOrder | None = None


class CategoryQuery(msgspec.Struct, kw_only=True):
    """Query of listDocumentCategories."""

    document_category_type: Literal["Category", "SubCategory"] | None = None


# Body of deleteConversations; to type checkers an annotated type is no type.
CONVERSATION_IDS = cast("type[list[str]]", Annotated[list[Identifier], Meta(min_length=1, max_length=100)])


class Bookmark(msgspec.Struct, kw_only=True):
    """Body of addBookmark."""

    conversation_id: Identifier


class DiscoverFile(msgspec.Struct, kw_only=True):
    """Body of saveDiscoverFile; what is absent stays as it is."""

    file_name: Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[^/\\\x00-\x1f\x7f]+\Z")]
    category_name: Identifier | None = None
    sub_category_name: Identifier | None = None
    solution_name: Identifier | None = None
    is_discover_file: bool | None = None


Email = Annotated[str, Meta(pattern=r"^[^@\x00-\x20\x7f]{1,64}@[^@\x00-\x20\x7f]{1,255}\Z", max_length=254)]
RoleCode = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]{0,31}\Z")]
RoleCodes = Annotated[list[RoleCode], Meta(max_length=20)]


class UserQuery(PageQuery, kw_only=True):
    """Query of listUsers."""

    role_codes: RoleCodes | None = None
    is_active: bool | None = None
    search_text: SearchText | None = None
    sort_column: Literal["user_id", "email", "display_name", "created_at", "last_seen_at"] | None = None
    sort_order: SortOrder | None = None


class UserEntry(msgspec.Struct, kw_only=True):
    """A user to add or to change; what is absent stays as it is."""

    email: Email
    user_id: Identifier | None = None
    display_name: Annotated[str, Meta(max_length=200)] | None = None
    is_active: bool | None = None
    role_codes: RoleCodes | None = None
    country_id: Label | None = None
    user_type: UserType | None = None


class UserBatch(msgspec.Struct, kw_only=True):
    """Body of saveUsers."""

    users: Annotated[list[UserEntry], Meta(min_length=1, max_length=100)]


class User(msgspec.Struct, kw_only=True):
    """A user of an instance."""

    user_id: str
    email: str | None
    display_name: str | None
    is_active: bool
    role_codes: list[str]
    country_id: str | None
    user_type: str | None
    created_at: str
    last_seen_at: str | None


class MetricFilter(msgspec.Struct, kw_only=True):
    """Body of most metrics: what happened in a span of time, by certain users."""

    start_date: Moment | None = None
    end_date: Moment | None = None
    country_ids: Annotated[list[Label], Meta(max_length=300)] | None = None
    user_types: Annotated[list[UserType], Meta(max_length=10)] | None = None
    min_response_time_s: Seconds | None = None
    max_response_time_s: Seconds | None = None


class QuestionMetricFilter(MetricFilter, kw_only=True):
    """Body of getTotalQuestions."""

    search_text: SearchText | None = None


class SourceDocumentFilter(MetricFilter, kw_only=True):
    """Body of getTopSourceDocuments."""

    search_text: SearchText | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 10


class UserFeedbackSearch(MetricFilter, Paged, kw_only=True):
    """Body of listUserFeedback."""

    search_text: SearchText | None = None
    page: PageNumber = 1
    page_size: PageSize = 20


class RatingFilters(msgspec.Struct, kw_only=True):
    """Which ratings to keep."""

    rating_values: Annotated[list[Annotated[int, Meta(ge=1, le=5)]], Meta(max_length=5)] | None = None
    is_comment_not_provided: bool | None = None


class RatingFilter(msgspec.Struct, kw_only=True):
    """What searches and exports of ratings have in common."""

    search_text: SearchText | None = None
    sort_column: Literal["rated_at", "rating", "title"] | None = None
    sort_order: SortOrder | None = None
    filter: MetricFilter | None = None
    rating_filters: RatingFilters | None = None


class RatingSearch(RatingFilter, Paged, kw_only=True):
    """Body of searchRatings."""

    page: PageNumber = 1
    page_size: PageSize = 20


class RatingExport(RatingFilter, kw_only=True):
    """Body of exportRatings."""

    time_zone: ZoneName | None = None


class QuestionDetailFilter(msgspec.Struct, kw_only=True):
    """What searches and exports of questions have in common."""

    search_text: SearchText | None = None
    sort_column: Literal["asked_at", "question", "response_time_ms", "relevance_score"] | None = None
    sort_order: SortOrder | None = None
    filter: MetricFilter | None = None


class QuestionDetailSearch(QuestionDetailFilter, Paged, kw_only=True):
    """Body of searchQuestionDetails."""

    page: PageNumber = 1
    page_size: PageSize = 20


class QuestionDetailExport(QuestionDetailFilter, kw_only=True):
    """Body of exportQuestionDetails."""

    time_zone: ZoneName | None = None


#: What searches and exports of reports are told, whatever they are about.
ReportFilter = RatingFilter | QuestionDetailFilter
#: What searches are told.
ReportSearch = RatingSearch | QuestionDetailSearch


class QuestionColumnSelection(msgspec.Struct, kw_only=True):
    """Body of selectQuestionColumns."""

    columns: Annotated[list[QuestionColumn], Meta(min_length=1, max_length=15)] | None = None
