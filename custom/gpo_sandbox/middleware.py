"""The outermost layer: every request has an id, and every failure leaves as a problem."""

import logging
import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gpo_sandbox.problems import Problem, problem_response

REQUEST_ID_HEADER = "X-Request-ID"

_LOG = logging.getLogger("gpo_client.sandbox")
_USABLE_ID = re.compile(r"[\x21-\x7e]{1,128}")


class RequestBoundary:
    """ASGI middleware that stands around the whole application.

    It is plain ASGI, because Starlette's own error middleware answers unexpected failures in plain text and its
    function-style middleware would hide the client's disconnect from the event stream.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # One application may stand in another, each with a boundary: the outermost says what the id is.
        request_id = scope.setdefault("state", {}).setdefault("request_id", _request_id(scope))
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        try:
            _check_framing(Headers(scope=scope))
            await self._app(scope, receive, send_with_id)
        except ClientDisconnect:
            return
        except Exception as error:
            if started:
                raise
            response = problem_response(_as_problem(error, scope), scope["path"], request_id)
            await response(scope, receive, send_with_id)


def new_request_id() -> str:
    """Make up an id for a request that came without a usable one."""
    return f"req_{secrets.token_hex(12)}"


def _check_framing(headers: Headers) -> None:
    # What is before us may have believed the other length, and have seen another request in the rest (RFC 9112 §6.1).
    if "Content-Length" in headers and "Transfer-Encoding" in headers:
        detail = "A body has a Content-Length or a Transfer-Encoding, not both."
        raise Problem("malformed_request", detail, field="headers", headers={"Connection": "close"})


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
    return given if _USABLE_ID.fullmatch(given) else new_request_id()


def _as_problem(error: Exception, scope: Scope) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _from_starlette(error, scope)
    # what went wrong stays in the log: an answer must not show the server's insides
    _LOG.error("request %s failed: %s", scope["state"]["request_id"], scope["path"], exc_info=error)
    return Problem("internal_error", "Something unexpected happened; the server's log has more under this request id.")


def _from_starlette(error: HTTPException, scope: Scope) -> Problem:
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        detail = f"{scope['method']} is not offered here; {allowed} may be."
        return Problem("method_not_allowed", detail, headers={"Allow": allowed})
    if error.status_code == 404:
        return Problem("not_found", f"Nothing is served at {scope['path']}.")
    return Problem("malformed_request", str(error.detail))
