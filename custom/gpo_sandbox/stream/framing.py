"""Writing an answer's events on the wire: as server-sent events, or one chunk a line."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from gpo_sandbox.problems import Problem
from gpo_sandbox.store.answers import LoggedEvent
from gpo_sandbox.stream.generations import Interlude

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
    """Write events as the WHATWG event stream format has them, with heartbeats as comments.

    Args:
        message_id: Which answer; the first part of the events' ids.
        request_id: The request that is answered.
        retry_ms: How long a client shall wait before it comes back, in milliseconds.
        events: The events; closed at the end.
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
