"""The outermost layers: every request has an id, every failure leaves as a problem, and what does not arrive ends."""

import asyncio
import logging
import re
import secrets
from typing import cast

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from gpo_sandbox.responses import PROBLEM_MEDIA_TYPE, Problem, problem_response
from gpo_sandbox.streaming import HANG_UP

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


#: Where the server leaves, in the state of each request, how long one may take to arrive, in seconds.
REQUEST_TIMEOUT_S = "request_timeout_s"
#: How many connections may wait for the rest of a request. The one that has waited for longest makes room for another.
MOST_WAITING = 256


class ProblemProtocol(H11Protocol):
    """uvicorn's protocol, with another answer to requests that cannot be parsed and connections that can be cut.

    A request has a certain time to arrive: uvicorn alone would wait for the rest of one for ever.
    """

    _since: float | None = None  # when this connection began to wait for the rest of a request, by the loop's clock
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let the requests of this connection close it, and begin to wait for the first."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, HANG_UP: transport.close}
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what has arrived."""
        self._wait()
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Take what has arrived in the meantime; the time between requests is uvicorn's."""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._has_arrived()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer and hang up: nobody knows where the next request would begin."""
        # None until the first request, which uvicorn's annotation leaves out
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(_answer(msg))
        self.transport.close()

    def _wait(self) -> None:
        if self._since is None:
            self._since = self.loop.time()
            timeout_s = cast("float", self.app_state[REQUEST_TIMEOUT_S])
            self._deadline = self.loop.call_later(timeout_s, self.transport.abort)
            self._make_room()

    def _look(self) -> None:
        # The rest is waited for until there is a request, while its body is incomplete, and when the next has begun.
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.more_body or (cycle.response_complete and self.conn.trailing_data[0]):
            self._wait()
        else:
            self._has_arrived()

    def _has_arrived(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._since = self._deadline = None

    def _make_room(self) -> None:
        if len(self.connections) <= MOST_WAITING:
            return
        waiting = [other for other in self.connections if isinstance(other, ProblemProtocol) and other._since]
        if len(waiting) > MOST_WAITING:
            min(waiting, key=lambda other: other._since or 0.0).transport.abort()


def _answer(reason: str) -> bytes:
    request_id = new_request_id()
    body = msgspec.json.encode(Problem("malformed_request", reason, field="headers").body("/", request_id))
    lines = (
        "HTTP/1.1 400 Bad Request",
        f"Content-Type: {PROBLEM_MEDIA_TYPE}",
        f"Content-Length: {len(body)}",
        f"{REQUEST_ID_HEADER}: {request_id}",
        "Connection: close",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
