"""What the application needs from HTTP/1.1 and uvicorn does not give: problems for what is no HTTP, and hanging up."""

import asyncio
from typing import cast

import msgspec
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from gpo_client.sandbox.boundary import REQUEST_ID_HEADER, new_request_id
from gpo_client.sandbox.problems import PROBLEM_MEDIA_TYPE, Problem
from gpo_client.sandbox.stream.response import HANG_UP


class ProblemProtocol(H11Protocol):
    """uvicorn's protocol with another answer to requests that cannot be parsed, and connections that can be cut."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let the requests of this connection close it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, HANG_UP: transport.close}

    def send_400_response(self, msg: str) -> None:
        """Answer and hang up: nobody knows where the next request would begin."""
        # None until the first request, which uvicorn's annotation leaves out
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(_answer(msg))
        self.transport.close()


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
