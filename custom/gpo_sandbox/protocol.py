"""What the application needs from HTTP/1.1 and uvicorn does not give: problems, hanging up, and bounds on waiting."""

import asyncio
from typing import cast

import msgspec
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from gpo_sandbox.middleware import REQUEST_ID_HEADER, new_request_id
from gpo_sandbox.problems import PROBLEM_MEDIA_TYPE, Problem
from gpo_sandbox.stream.response import HANG_UP

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
