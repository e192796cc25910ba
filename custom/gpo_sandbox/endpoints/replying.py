"""Making responses, the same way for every operation."""

import msgspec
from starlette.responses import Response


def json_response(value: object) -> Response:
    """Answer 200 with a value as JSON."""
    return raw_json(msgspec.json.encode(value))


def raw_json(data: bytes) -> Response:
    """Answer 200 with JSON that is written already."""
    return Response(data, media_type="application/json")


def done() -> Response:
    """Answer 204."""
    return Response(status_code=204)
