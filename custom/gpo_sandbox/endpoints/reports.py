"""Reports on what the caller may see: metrics, and questions and ratings, found and exported.

Exports are CSV as in RFC 4180 in which no text is a formula, written row by row while it is sent.
"""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.decoding import Endpoint, caller_of, changing, decode_body, reading
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
from gpo_sandbox.responses import Problem, RatedConversation
from gpo_sandbox.sandbox import sandbox_of
from gpo_sandbox.store.metrics import Metrics
from gpo_sandbox.store.sessions import Caller
from gpo_sandbox.streaming import StreamedResponse

F = TypeVar("F", bound=MetricFilter)
# What makes spreadsheets compute a cell; a ' before it makes it text again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def lines(columns: Sequence[str], rows: Iterable[msgspec.Struct], zone: tzinfo) -> Iterator[bytes]:
    """Write the line of names, then one for each row; times are in the zone."""
    yield _line(columns)
    for row in rows:
        yield _line([_written(name, getattr(row, name), zone) for name in columns])


def csv_response(written: Iterator[bytes], file_name: str) -> StreamedResponse:
    """Make the response that sends the lines of a file, named in plain ASCII, one after the other."""
    response = StreamedResponse(_each(written), "text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def time_zone(name: str | None) -> tzinfo:
    """Find the time zone with a name of the IANA database; UTC for None. Raises Problem if there is none."""
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        detail = f"There is no time zone {name!r}; a name of the IANA database, such as America/Mexico_City, is wanted."
        raise Problem("validation_failed", detail, field="time_zone") from None


async def _each(written: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    for line in written:
        yield line
        await asyncio.sleep(0)  # a long export lets other requests have their turn


def _line(cells: Iterable[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _written(name: str, cell: Any, zone: tzinfo) -> str | int | float:
    if cell is None:
        return ""
    if name.endswith("_at"):
        return datetime.fromisoformat(cell).astimezone(zone).isoformat(timespec="milliseconds")
    text = "; ".join(dict.fromkeys(source.title for source in cell)) if name == "sources" else cell
    if isinstance(text, bool):
        return "true" if text else "false"
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text


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


async def export_question_details(request: Request) -> Response:
    """Serve exportQuestionDetails."""
    sandbox = sandbox_of(request)
    caller, wanted = caller_of(sandbox, request), await decode_body(request, QuestionDetailExport)
    columns, rows = sandbox.questions.selected(caller).columns, sandbox.questions.each(caller, wanted)
    return csv_response(lines(columns, rows, time_zone(wanted.time_zone)), "question-details.csv")


select_question_columns = changing(
    "selectQuestionColumns",
    QuestionColumnSelection,
    lambda it, caller, wanted: it.questions.select(caller, wanted),
)


async def export_ratings(request: Request) -> Response:
    """Serve exportRatings."""
    sandbox = sandbox_of(request)
    caller, wanted = caller_of(sandbox, request), await decode_body(request, RatingExport)
    columns, rows = RatedConversation.__struct_fields__, sandbox.ratings.each(caller, wanted)
    return csv_response(lines(columns, rows, time_zone(wanted.time_zone)), "ratings.csv")
