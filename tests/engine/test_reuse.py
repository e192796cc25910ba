"""Connections that serve again after a stream."""

from __future__ import annotations

import threading

import pytest

from tests.client.conftest import Connect, Serve
from tests.support.connections import until_idle
from tests.support.events import stream_answer
from tests.support.question import CONTEXT, EVENTS, QUESTION, WHOLE
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


@pytest.mark.parametrize("surplus", [b"", b"H"], ids=["no surplus", "surplus"])
async def test_end_that_comes_late(surplus: bytes, connect: Connect, serve: Serve) -> None:
    """Nobody waits for it, and the connection serves again once it has come, unless something follows it."""
    gate = threading.Event()
    late = (_HEAD + b"%x\r\n%b\r\n" % (len(_BODY), _BODY), gate, b"0\r\n\r\n" + surplus)
    server = serve(Answer(framing="raw", pieces=late), AT_ONCE)
    async with connect(base_url=server.base_url) as client:
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == WHOLE
        gate.set()
        await (server.closed(0) if surplus else until_idle(client))
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == WHOLE
    assert [request.connection for request in server.requests] == [0, 1 if surplus else 0]


@pytest.mark.usefixtures("short_goodbye")
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
