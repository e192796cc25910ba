"""Connections that serve again after a stream."""

from __future__ import annotations

import httpcore

from gpo_client.transports.connections import LimitedStream
from gpo_client.transports.limits import MOMENT, ReadTimeout
from tests.client.conftest import Serve
from tests.client.outcomes import Connect
from tests.engine.test_resume import CONTEXT, EVENTS, QUESTION, WHOLE
from tests.support.events import stream_answer
from tests.support.wire_script import Answer, End

_BODY = b"".join(EVENTS)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

#: The final event and the end of the body in one segment.
AT_ONCE = Answer(framing="raw", pieces=(_HEAD + b"%x\r\n%b\r\n0\r\n\r\n" % (len(_BODY), _BODY),))


async def test_connection_is_reused_after_a_whole_stream(connect: Connect, serve: Serve) -> None:
    """Where the end of the body comes with the final event."""
    server = serve(*[AT_ONCE] * 3)
    async with connect(base_url=server.base_url) as client:
        for _ in range(3):
            assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == WHOLE
    assert [request.connection for request in server.requests] == [0, 0, 0]


async def test_silence_after_the_final_event_is_not_waited_for(connect: Connect, serve: Serve) -> None:
    """Where the end of the body does not come, the connection is closed and the next stream gets another."""
    server = serve(stream_answer(*EVENTS, end=End.STALL), AT_ONCE)
    async with connect(base_url=server.base_url) as client:
        for _ in range(2):
            assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == WHOLE
        await server.closed(0)
    assert [request.connection for request in server.requests] == [0, 1]


async def test_limits_of_a_stream_do_not_outlive_it(connect: Connect, serve: Serve) -> None:
    """What follows on the connection has its own time again."""
    server = serve(AT_ONCE, Answer(framing="raw", pieces=(_HEAD, b"%x\r\n%b\r\n" % (len(_BODY), _BODY), b"0\r\n\r\n")))
    async with connect(base_url=server.base_url, stream_idle_timeout=0.5) as client:
        await client.chat_stream(CONTEXT, QUESTION).collect()
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == WHOLE


class _Recorder(httpcore.NetworkStream):
    """A connection that notes how long it may take."""

    def __init__(self) -> None:
        self.timeouts: list[float | None] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.timeouts.append(timeout)
        return b""


def test_deadlines_belong_to_requests_not_to_connections() -> None:
    """A connection is free as soon as a body has ended, before whoever read it knows.

    Had it a memory of deadlines, the next stream would begin with the moment that the last one left for its end.
    """
    recorder = _Recorder()
    connection = LimitedStream(recorder)
    first, second, foreign = ReadTimeout(60.0), ReadTimeout(None), 5.0
    for timeout in (first, second, foreign):
        connection.read(1, timeout)
    first.current, first.until = MOMENT, None  # the next wait
    for timeout in (second, first, foreign):
        connection.read(1, timeout)
    assert recorder.timeouts == [60.0, None, 5.0, None, MOMENT, 5.0]
