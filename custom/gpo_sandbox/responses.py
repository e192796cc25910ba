"""What clients get: the response shapes of the contract, and RFC 9457 problems, whose kinds are known here alone.

Optional fields that have no value are left out.
"""

from http import HTTPStatus
from typing import Generic, TypeVar
from urllib.parse import quote

import msgspec
from starlette.responses import Response

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


PROBLEM_MEDIA_TYPE = "application/problem+json"

# code -> (status, title); the code is what clients decide on, so it never changes its meaning
_KINDS: dict[str, tuple[int, str]] = {
    "malformed_request": (400, "Malformed request"),
    "body_too_large": (400, "Body too large"),
    "unsupported_media_type": (415, "Unsupported media type"),
    "invalid_header": (400, "Invalid header"),
    "missing_token": (401, "Bearer token missing"),
    "invalid_token": (401, "Invalid token"),
    "token_expired": (401, "Token expired"),
    "permission_denied": (403, "Permission denied"),
    "cross_site": (403, "Cross-site request"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "Method not allowed"),
    "conversation_closed": (409, "Conversation closed"),
    "idempotency_key_reused": (409, "Idempotency key reused"),
    "user_conflict": (409, "User conflict"),
    "stream_expired": (410, "Stream expired"),
    "host_not_served": (421, "Host not served"),
    "validation_failed": (422, "Validation failed"),
    "internal_error": (500, "Internal server error"),
    "injected_fault": (503, "Injected fault"),
}


class ProblemBody(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A problem as it is written on the wire."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    field: str | None = None


class Problem(Exception):  # noqa: N818 - the name that RFC 9457 gives it
    """A request that cannot be served.

    Args:
        code: Which kind of problem; one of the codes of this module.
        detail: One sentence for the person who reads it.
        field: The field, parameter or header to blame.
        headers: Further response headers, such as `Allow`.
        status: HTTP status, where it is not the usual one of that code.
    """

    def __init__(
        self, code: str, detail: str, *, field: str | None = None, headers: dict[str, str] | None = None,
        status: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.code = code
        usual, self.title = _KINDS[code]
        self.status = status or usual
        self.detail = detail
        self.field = field
        self.headers = headers or {}
        if self.status == HTTPStatus.UNAUTHORIZED:
            self.headers.setdefault("WWW-Authenticate", "Bearer")

    def body(self, instance: str, request_id: str) -> ProblemBody:
        """Write the problem down for one request: its decoded path, and its id."""
        return ProblemBody(
            type=f"https://docs.example.com/problems/{self.code}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            instance=quote(instance, safe="/:@!$&'()*+,;=~"),  # a URI reference, as RFC 9457 §3.1.5 has it
            code=self.code,
            request_id=request_id,
            field=self.field,
        )


def problem_response(problem: Problem, instance: str, request_id: str) -> Response:
    """Make the response that carries a problem."""
    return Response(
        msgspec.json.encode(problem.body(instance, request_id)),
        status_code=problem.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=problem.headers,
    )
