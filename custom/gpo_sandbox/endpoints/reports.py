"""Reports on what the caller may see: metrics, and questions and ratings, found and exported.

Exports are CSV as in RFC 4180 in which no text is a formula, written row by row while it is sent.
"""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
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
from gpo_sandbox.responses import Problem
from gpo_sandbox.sandbox import sandbox_of
from gpo_sandbox.store.metrics import Metrics
from gpo_sandbox.store.reports import QuestionRow, RatingRow
from gpo_sandbox.store.sessions import Caller
from gpo_sandbox.streaming import StreamedResponse

F = TypeVar("F", bound=MetricFilter)
T = TypeVar("T", bound=msgspec.Struct)
# What makes spreadsheets compute a cell; a ' before it makes it text again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | float | bool | None
#: How to write one column of a row; moments are written in a time zone.
Column = Callable[[T, tzinfo], Cell]


@attrs.frozen
class Table(Generic[T]):
    """What a file of rows looks like: how to write each column, by its name."""

    columns: Mapping[str, Column[T]]

    def only(self, names: Sequence[str]) -> "Table[T]":
        """Return a table with some of the columns, in the order of the names."""
        return Table({name: self.columns[name] for name in names})

    def lines(self, rows: Iterable[T], zone: tzinfo) -> Iterator[bytes]:
        """Write the line of names, then one for each row."""
        yield _line(self.columns)
        for row in rows:
            yield _line([_written(write(row, zone)) for write in self.columns.values()])


def same_named(row: type[T]) -> dict[str, Column[T]]:
    """Return a column for each field of a row, of the field's name."""
    return {name: partial(_field, name) for name in row.__struct_fields__}


def _field(name: str, row: object, _: tzinfo) -> Cell:
    cell: Cell = getattr(row, name)
    return cell


def csv_response(lines: Iterator[bytes], file_name: str) -> StreamedResponse:
    """Make the response that sends the lines of a file, named in plain ASCII, one after the other."""
    response = StreamedResponse(_each(lines), "text/csv; charset=utf-8")
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


def moment(seconds: float | None, zone: tzinfo) -> str | None:
    """Write a time in a zone, as RFC 3339."""
    return None if seconds is None else datetime.fromtimestamp(seconds, zone).isoformat(timespec="milliseconds")


async def _each(lines: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    for line in lines:
        yield line
        await asyncio.sleep(0)  # a long export lets other requests have their turn


def _line(cells: Iterable[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _written(cell: Cell) -> str | int | float:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell


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


select_question_columns = changing(
    "selectQuestionColumns",
    QuestionColumnSelection,
    lambda it, caller, wanted: it.questions.select(caller, wanted),
)


async def export_ratings(request: Request) -> Response:
    """Serve exportRatings."""
    sandbox = sandbox_of(request)
    caller, wanted = caller_of(sandbox, request), await decode_body(request, RatingExport)
    zone = time_zone(wanted.time_zone)
    return csv_response(_RATINGS.lines(sandbox.ratings.each(caller, wanted), zone), "ratings.csv")
