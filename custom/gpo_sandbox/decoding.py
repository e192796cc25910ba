"""Requests, read: who sends one, and its body, query and headers as typed values or a problem that names the field.

Who sends a request is told by a bearer token, as in RFC 6750. Responses are written here as well, one way for all.
"""

import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.responses import Problem
from gpo_sandbox.sandbox import Sandbox, sandbox_of
from gpo_sandbox.store.sessions import Caller

T = TypeVar("T")
Endpoint = Callable[[Request], Awaitable[Response]]

_WHERE = re.compile(r" - at `(?:key in )?\$\.?(?P<path>.*)`$")
_MISSING = re.compile(r"^Object missing required field `(?P<name>[^`]+)`")
_JSON = re.compile(r"application/(?:[!-.0-:<-~]+\+)?json", re.IGNORECASE)
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


async def decode_body(request: Request, kind: type[T]) -> T:
    """Read the JSON body of a request. Raises Problem if it is too large, not JSON, or not of that kind."""
    require_json(request)
    body = await _read(request, sandbox_of(request).settings.max_body_bytes)
    try:
        return _as_kind(body, kind)
    except msgspec.ValidationError as error:
        raise invalid(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Problem("malformed_request", f"The body is not JSON in UTF-8: {reason}.", field="body") from None


def decode_query(request: Request, kind: type[T]) -> T:
    """Read the query of a request. Raises Problem for an unusable value, or several where it takes one."""
    try:
        return msgspec.convert(_query(request, kind), kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(str(error)) from None


def _query(request: Request, kind: type) -> dict[str, str | list[str]]:
    given: dict[str, str | list[str]] = {}
    for field in msgspec.structs.fields(kind):
        name, values = field.encode_name, request.query_params.getlist(field.encode_name)
        if _takes(list, field.type) and values:
            given[name] = values
        elif len(values) > 1:
            raise Problem("validation_failed", f"{name} is given {len(values)} times.", field=name)
        elif values:
            # msgspec would take the text for no value at all, but absence is how a query says that.
            if values[0].lower() == "null" and not _takes(str, field.type):
                raise Problem("validation_failed", f"{name} must have a value or be left out.", field=name)
            given[name] = values[0]
    return given


def _takes(kind: type, hint: object) -> bool:
    return kind in (hint, get_origin(hint)) or any(_takes(kind, part) for part in get_args(hint))


def _as_kind(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        try:
            plain = msgspec.json.decode(body)
        except msgspec.ValidationError:
            raise error from None  # of the two it knows the field's name
        # To JSON Schema 5.0 is an integer like 5; msgspec tells them apart.
        return msgspec.convert(_with_integers(plain), kind)


def _with_integers(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _with_integers(part) for key, part in cast("dict[str, object]", value).items()}
        case list():
            return [_with_integers(part) for part in cast("list[object]", value)]
        case _:
            return value


def idempotency_key(request: Request) -> str | None:
    """Return the Idempotency-Key of a request, if it has one: 1 to 255 visible ASCII characters, else a Problem."""
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


def require_json(request: Request) -> None:
    """Check that a body is said to be JSON: browsers send that to other sites with their permission only."""
    given = request.headers.getlist("Content-Type")
    if len(given) != 1 or not _JSON.fullmatch(given[0].partition(";")[0].strip()):
        said = ", ".join(given) or "nothing"
        detail = f"The body must be sent as Content-Type: application/json, not {said!r}."
        raise Problem("unsupported_media_type", detail, field="Content-Type")


async def _read(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise Problem("body_too_large", f"The body has more than {limit} bytes.", field="body")
    return bytes(body)


def json_response(value: object) -> Response:
    """Answer 200 with a value as JSON."""
    return raw_json(msgspec.json.encode(value))


def raw_json(data: bytes) -> Response:
    """Answer 200 with JSON that is written already."""
    return Response(data, media_type="application/json")


def done() -> Response:
    """Answer 204."""
    return Response(status_code=204)


def reading(where: Literal["body", "query"], kind: type[T], find: Callable[[Sandbox, Caller, T], object]) -> Endpoint:
    """Make the endpoint of an operation that changes nothing: what its caller asks for is found and sent as JSON."""

    async def serve(request: Request) -> Response:
        sandbox = sandbox_of(request)
        caller = caller_of(sandbox, request)
        wanted = decode_query(request, kind) if where == "query" else await decode_body(request, kind)
        return json_response(find(sandbox, caller, wanted))

    return serve


def changing(operation: str, kind: type[T], act: Callable[[Sandbox, Caller, T], object]) -> Endpoint:
    """Make the endpoint of an operation that changes things, once for each Idempotency-Key; 204 if it gives nothing."""

    async def serve(request: Request) -> Response:
        sandbox = sandbox_of(request)
        caller, wanted = caller_of(sandbox, request), await decode_body(request, kind)

        def outcome() -> bytes:
            result = act(sandbox, caller, wanted)
            return b"" if result is None else msgspec.json.encode(result)

        data = sandbox.once(caller, idempotency_key(request), [operation, wanted], outcome)
        return raw_json(data) if data else done()

    return serve


def caller_of(sandbox: Sandbox, request: Request) -> Caller:
    """Return the session that a request belongs to.

    Raises Problem if it has no bearer token, or one that is unknown, revoked or expired.
    """
    token = _bearer(request)
    if token is None:
        raise Problem("missing_token", "Send the token of a session: Authorization: Bearer <token>.")
    return sandbox.sessions.caller(token)


def check_api_key(sandbox: Sandbox, request: Request) -> None:
    """Check the API key, where the sandbox has one. Raises Problem if it is missing or wrong."""
    expected = sandbox.settings.api_key
    if not expected:
        return
    given = _bearer(request)
    if given is None:
        raise Problem("missing_token", "Send the API key: Authorization: Bearer <key>.")
    # in constant time, so that the answer's timing does not give the key away letter by letter
    if not secrets.compare_digest(given.encode(), expected.encode()):
        raise Problem("invalid_token", "This is not the API key of the sandbox.")


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
