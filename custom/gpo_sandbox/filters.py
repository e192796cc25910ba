"""What clients want counted, found and exported: the request shapes of ratings, question details and metrics."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gpo_sandbox.requests import Label, Paged, PageNumber, PageSize, SearchText, SortOrder, UserType

Moment = Annotated[datetime, Meta(tz=True)]
Seconds = Annotated[float, Meta(ge=0)]
ZoneName = Annotated[str, Meta(max_length=64)]
QuestionColumn = Literal[
    "asked_at", "question", "answered_at", "answer", "response_time_ms", "relevance_score", "sources", "liked",
    "feedback", "user_id", "country_id", "user_type", "conversation_id", "question_id", "message_id",
]  # fmt: skip


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
