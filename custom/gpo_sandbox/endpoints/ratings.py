"""Finding and exporting ratings."""

from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.auth import caller_of
from gpo_sandbox.csv_export import Table, csv_response, moment, time_zone
from gpo_sandbox.decoding import decode_body
from gpo_sandbox.endpoints.replying import json_response
from gpo_sandbox.filters import RatingExport, RatingSearch
from gpo_sandbox.sandbox import sandbox_of
from gpo_sandbox.store.ratings import Row

_TABLE: Table[Row] = Table(
    {
        "conversation_id": lambda row, _: row.conversation_id,
        "title": lambda row, _: row.title,
        "user_id": lambda row, _: row.user_id,
        "rating": lambda row, _: row.rating,
        "rating_comment": lambda row, _: row.comment,
        "rated_at": lambda row, zone: moment(row.at, zone),
        "message_count": lambda row, _: row.message_count,
    }
)


async def search_ratings(request: Request) -> Response:
    """Serve searchRatings."""
    sandbox = sandbox_of(request)
    caller = caller_of(sandbox, request)
    return json_response(sandbox.ratings.page(caller, await decode_body(request, RatingSearch)))


async def export_ratings(request: Request) -> Response:
    """Serve exportRatings."""
    sandbox = sandbox_of(request)
    caller, wanted = caller_of(sandbox, request), await decode_body(request, RatingExport)
    zone = time_zone(wanted.time_zone)
    return csv_response(_TABLE.lines(sandbox.ratings.each(caller, wanted), zone), "ratings.csv")
