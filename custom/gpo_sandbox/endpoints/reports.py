"""Reports on what the caller may see: metrics, and questions and ratings, found and exported."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.csv_export import Table, csv_response, moment, same_named, time_zone
from gpo_sandbox.decoding import Endpoint, caller_of, decode_body, idempotency_key, raw_json, reading
from gpo_sandbox.requests import (
    MetricFilter,
    QuestionColumnSelection,
    QuestionDetailExport,
    QuestionDetailSearch,
    QuestionMetricFilter,
    RatingExport,
    RatingSearch,
    SourceDocumentFilter,
    UserFeedbackSearch,
)
from gpo_sandbox.sandbox import sandbox_of
from gpo_sandbox.store.metrics import Metrics
from gpo_sandbox.store.reports import QuestionRow, RatingRow
from gpo_sandbox.store.sessions import Caller

F = TypeVar("F", bound=MetricFilter)


def _metric(kind: type[F], count: Callable[[Metrics, Caller, F], object]) -> Endpoint:
    return reading("body", kind, lambda sandbox, caller, wanted: count(sandbox.metrics, caller, wanted))


get_average_response_time = _metric(MetricFilter, Metrics.response_time)
get_opinion = _metric(MetricFilter, Metrics.opinion)
get_resolved_rate = _metric(MetricFilter, Metrics.resolution)
get_sentiment_distribution = _metric(MetricFilter, Metrics.sentiment)
get_top_source_documents = _metric(SourceDocumentFilter, Metrics.source_documents)
get_total_conversations = _metric(MetricFilter, Metrics.conversations)
get_total_engaged_users = _metric(MetricFilter, Metrics.engaged_users)
get_total_questions = _metric(QuestionMetricFilter, Metrics.questions)
get_total_traffic = _metric(MetricFilter, Metrics.traffic)
get_traffic_distribution = _metric(MetricFilter, Metrics.by_country)
search_ratings = reading("body", RatingSearch, lambda it, caller, wanted: it.ratings.page(caller, wanted))
search_question_details = reading(
    "body", QuestionDetailSearch, lambda it, caller, wanted: it.questions.page(caller, wanted)
)
list_user_feedback = _metric(UserFeedbackSearch, Metrics.feedback)


_QUESTIONS: Table[QuestionRow] = Table(
    {
        **same_named(QuestionRow),
        "asked_at": lambda row, zone: moment(row.at, zone),
        "answered_at": lambda row, zone: moment(row.answered_at, zone),
        "sources": lambda row, _: "; ".join(dict.fromkeys(source.title for source in row.cited or [])),
    }
)
_RATINGS: Table[RatingRow] = Table(
    {
        **same_named(RatingRow),
        "rating_comment": lambda row, _: row.comment,
        "rated_at": lambda row, zone: moment(row.at, zone),
    }
).only(["conversation_id", "title", "user_id", "rating", "rating_comment", "rated_at", "message_count"])


async def export_question_details(request: Request) -> Response:
    """Serve exportQuestionDetails."""
    sandbox = sandbox_of(request)
    caller, wanted = caller_of(sandbox, request), await decode_body(request, QuestionDetailExport)
    table = _QUESTIONS.only(sandbox.questions.selected(caller).columns)
    rows = sandbox.questions.each(caller, wanted)
    return csv_response(table.lines(rows, time_zone(wanted.time_zone)), "question-details.csv")


async def select_question_columns(request: Request) -> Response:
    """Serve selectQuestionColumns."""
    sandbox = sandbox_of(request)
    caller, wanted = caller_of(sandbox, request), await decode_body(request, QuestionColumnSelection)

    def select() -> bytes:
        return msgspec.json.encode(sandbox.questions.select(caller, wanted))

    return raw_json(sandbox.once(caller, idempotency_key(request), ["selectQuestionColumns", wanted], select))


async def export_ratings(request: Request) -> Response:
    """Serve exportRatings."""
    sandbox = sandbox_of(request)
    caller, wanted = caller_of(sandbox, request), await decode_body(request, RatingExport)
    zone = time_zone(wanted.time_zone)
    return csv_response(_RATINGS.lines(sandbox.ratings.each(caller, wanted), zone), "ratings.csv")
