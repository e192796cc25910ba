"""The response that carries an answer's events: as server-sent events (WHATWG), or one chunk a line."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gpo_sandbox.generations import Interlude
from gpo_sandbox.responses import Problem
from gpo_sandbox.store.answers import LoggedEvent

#: Where the server leaves, in the state of each request, what closes its connection.
HANG_UP = "hang_up"


class ConnectionCut(Exception):  # noqa: N818 - an event, not an error
    """Raised by the body of a response whose connection is to be cut before the response is complete."""


class StreamedResponse(Response):
    """A response whose body is generated while it is sent.

    Unlike Starlette's own, it notices at once that the client has gone, and it closes the body then: an abandoned
    generator would be left to the garbage collector and its answer would look as if somebody still listened. The body
    is closed when the response ends for whatever reason. If it raises ConnectionCut, what it yielded before still
    arrives, and then the connection is closed as if the server had died.
    """

    def __init__(self, body: AsyncGenerator[bytes, None], media_type: str) -> None:
        super().__init__(media_type=media_type, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["Content-Length"]
        self._parts = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        loop = asyncio.get_running_loop()
        sending, leaving = loop.create_task(self._send(scope, send)), loop.create_task(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.wait({sending, leaving})
            await self._parts.aclose()
        if not sending.cancelled():
            sending.result()

    async def _send(self, scope: Scope, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async for part in self._parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        except ConnectionCut:
            await _hang_up(scope)
        else:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _hang_up(scope: Scope) -> None:
    hang_up = scope.get("state", {}).get(HANG_UP)
    # Another server than ours has no such thing, but closes the connection of a response that is left incomplete.
    if hang_up is not None:
        hang_up()
        # Until the connection is gone; ending before would be taken for a mistake and logged.
        await asyncio.Event().wait()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


EVENT_STREAM = "text/event-stream"
HEARTBEAT = b": heartbeat\n\n"
LINE_TYPES = ("application/x-ndjson", "application/jsonl")


def line_type(accept: str) -> str | None:
    """Return the line-delimited media type that an Accept header asks for; None when it asks for events."""
    wanted = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return None if EVENT_STREAM in wanted else next((item for item in wanted if item in LINE_TYPES), None)


async def as_events(
    message_id: str, request_id: str, retry_ms: int, events: AsyncGenerator[LoggedEvent | Interlude, None]
) -> AsyncGenerator[bytes, None]:
    """Write events as the WHATWG event stream format has them, with heartbeats as comments; they are closed at the end.

    Their ids begin with `message_id`; `retry_ms` is how long a client shall wait before it comes back, in milliseconds.
    """
    async with aclosing(events):
        yield retry_field(retry_ms)
        async for event in events:
            if event is Interlude.SILENCE:
                yield HEARTBEAT
            elif event is Interlude.FAILED:
                yield error_event(request_id)
            else:
                yield chunk_event(message_id, event.sequence, event.data)


async def as_lines(events: AsyncGenerator[LoggedEvent | Interlude, None]) -> AsyncGenerator[bytes, None]:
    """Write one chunk a line. The format knows neither comments nor errors: a cut answer just ends."""
    async with aclosing(events):
        async for event in events:
            if isinstance(event, LoggedEvent):
                yield f"{event.data}\n".encode()


def retry_field(retry_ms: int) -> bytes:
    """Write how long a client shall wait before it comes back, in milliseconds."""
    return f"retry: {retry_ms}\n\n".encode()


def chunk_event(message_id: str, sequence: int, data: str) -> bytes:
    """Write the event that carries a chunk, which is JSON already."""
    return f"id: {message_id}:{sequence}\ndata: {data}\n\n".encode()


def error_event(request_id: str) -> bytes:
    """Write the event that ends an answer which could not be completed."""
    problem = Problem("internal_error", "The answer could not be completed; the server's log has more.")
    return b"event: error\ndata: " + msgspec.json.encode(problem.body("/api/Chat", request_id)) + b"\n\n"
