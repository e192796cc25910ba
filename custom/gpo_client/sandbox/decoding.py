"""Reading requests: body, query and headers become typed values, or a problem that names the field."""

import re
from typing import TypeVar, get_args, get_origin

import msgspec
from starlette.requests import Request

from gpo_client.sandbox.problems import Problem
from gpo_client.sandbox.services import sandbox_of

T = TypeVar("T")

_WHERE = re.compile(r" - at `(?:key in )?\$\.?(?P<path>.*)`$")
_MISSING = re.compile(r"^Object missing required field `(?P<name>[^`]+)`")
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


async def decode_body(request: Request, kind: type[T]) -> T:
    """Read the JSON body of a request.

    Args:
        request: The request.
        kind: What the body must be.

    Raises:
        Problem: It is too large, not JSON, or not of that kind.
    """
    _require_json(request)
    body = await _read(request, sandbox_of(request).settings.max_body_bytes)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise invalid(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Problem("malformed_request", f"The body is not JSON in UTF-8: {reason}.", field="body") from None


def decode_query(request: Request, kind: type[T]) -> T:
    """Read the query parameters of a request; of a repeated one the last counts.

    Raises:
        Problem: A parameter has an unusable value.
    """
    try:
        return msgspec.convert(_query(request, kind), kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(str(error)) from None


def _query(request: Request, kind: type) -> dict[str, str | list[str]]:
    given: dict[str, str | list[str]] = dict(request.query_params)
    for field in msgspec.structs.fields(kind):
        if _is_list(field.type) and field.encode_name in given:
            given[field.encode_name] = request.query_params.getlist(field.encode_name)
    return given


def _is_list(hint: object) -> bool:
    return get_origin(hint) is list or any(map(_is_list, get_args(hint)))


def idempotency_key(request: Request) -> str | None:
    """Return the Idempotency-Key of a request, if it has one.

    Raises:
        Problem: It is longer than 255 characters or not visible ASCII.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        detail = "An Idempotency-Key has 1 to 255 visible ASCII characters."
        raise Problem("invalid_header", detail, field="Idempotency-Key")
    return key


def invalid(message: str) -> Problem:
    """Turn msgspec's description of a bad value into a problem that names the field."""
    where, missing = _WHERE.search(message), _MISSING.match(message)
    path = where["path"] if where else ""
    if missing:
        path = f"{path}.{missing['name']}" if path else missing["name"]
    reason = message[: where.start()] if where else message
    return Problem("validation_failed", f"{reason}.", field=path or "body")


def _require_json(request: Request) -> None:
    given = request.headers.get("Content-Type", "application/json")
    media_type = given.partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        detail = f"The body must be application/json, not {given!r}."
        raise Problem("unsupported_media_type", detail, field="Content-Type")


async def _read(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise Problem("body_too_large", f"The body has more than {limit} bytes.", field="body")
    return bytes(body)
