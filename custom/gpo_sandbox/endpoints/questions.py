"""Finding and exporting questions with their answers."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.auth import caller_of
from gpo_sandbox.csv_export import Table, csv_response, moment, time_zone
from gpo_sandbox.decoding import decode_body, idempotency_key
from gpo_sandbox.endpoints.replying import json_response, raw_json
from gpo_sandbox.filters import QuestionColumnSelection, QuestionDetailExport, QuestionDetailSearch
from gpo_sandbox.sandbox import sandbox_of
from gpo_sandbox.store.questions import Row

_TABLE: Table[Row] = Table(
    {
        "asked_at": lambda row, zone: moment(row.at, zone),
        "question": lambda row, _: row.question,
        "answered_at": lambda row, zone: moment(row.answered_at, zone),
        "answer": lambda row, _: row.answer,
        "response_time_ms": lambda row, _: row.response_time_ms,
        "relevance_score": lambda row, _: row.relevance_score,
        "sources": lambda row, _: "; ".join(dict.fromkeys(source.title for source in row.cited or [])),
        "liked": lambda row, _: row.liked,
        "feedback": lambda row, _: row.feedback,
        "user_id": lambda row, _: row.user_id,
        "country_id": lambda row, _: row.country_id,
        "user_type": lambda row, _: row.user_type,
        "conversation_id": lambda row, _: row.conversation_id,
        "question_id": lambda row, _: row.question_id,
        "message_id": lambda row, _: row.message_id,
    }
)


async def search_question_details(request: Request) -> Response:
    """Serve searchQuestionDetails."""
    sandbox = sandbox_of(request)
    caller = caller_of(sandbox, request)
    return json_response(sandbox.questions.page(caller, await decode_body(request, QuestionDetailSearch)))


async def export_question_details(request: Request) -> Response:
    """Serve exportQuestionDetails."""
    sandbox = sandbox_of(request)
    caller, wanted = caller_of(sandbox, request), await decode_body(request, QuestionDetailExport)
    table = _TABLE.only(sandbox.questions.selected(caller).columns)
    rows = sandbox.questions.each(caller, wanted)
    return csv_response(table.lines(rows, time_zone(wanted.time_zone)), "question-details.csv")


async def select_question_columns(request: Request) -> Response:
    """Serve selectQuestionColumns."""
    sandbox = sandbox_of(request)
    caller, wanted = caller_of(sandbox, request), await decode_body(request, QuestionColumnSelection)

    def select() -> bytes:
        return msgspec.json.encode(sandbox.questions.select(caller, wanted))

    return raw_json(sandbox.once(caller, idempotency_key(request), ["selectQuestionColumns", wanted], select))
