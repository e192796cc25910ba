"""What clients send: the request shapes of the contract, as msgspec classes that check what they read."""

from datetime import date
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
