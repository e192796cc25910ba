"""Deadlines over real sockets, in each runtime; test_flow_deadlines.py shows that each lasts as long as it says."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest

from gpo_client import GPOTimeoutError, StreamTimeoutError
from tests.client.conftest import Serve
from tests.client.outcomes import Connect, outcome_of
from tests.support.events import stream_answer
from tests.support.proxy import ForwardProxy
from tests.support.question import CONTEXT, EVENTS, QUESTION, TEXTS
from tests.support.wire_script import Answer, End, no_answer

ONCE: dict[str, Any] = {"max_retries": 0, "max_resumes": 0}


def heartbeats(*first: bytes) -> Iterator[bytes]:
    """Events, then a heartbeat every fiftieth of a second, for ever."""
    yield from first
    for _ in itertools.count():
        time.sleep(0.02)  # the server's pace, not a wait for anything
        yield b": heartbeat\n\n"


async def test_heartbeats_do_not_put_it_off(connect: Connect, serve: Serve) -> None:
    """Heartbeats prove that the connection is alive, not that an answer is coming."""
    server = serve(Answer(headers={"Content-Type": "text/event-stream"}, pieces=heartbeats(EVENTS[0])))
    async with connect(base_url=server.base_url, **ONCE, stream_heartbeat_timeout=0.3) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
    assert type(outcome.error) is StreamTimeoutError
    assert "stream_heartbeat_timeout" in str(outcome.error)
    assert outcome.text == outcome.error.partial.content == TEXTS[0]


@pytest.mark.parametrize("answer", [no_answer(End.STALL), stream_answer(end=End.STALL)], ids=["no head", "head alone"])
async def test_silence(answer: Answer, connect: Connect, serve: Serve) -> None:
    """Without heartbeats it is over as well, and both kinds of timeout."""
    server = serve(answer)
    async with connect(base_url=server.base_url, **ONCE, stream_idle_timeout=0.3) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
    assert type(outcome.error) is StreamTimeoutError
    assert isinstance(outcome.error, GPOTimeoutError | TimeoutError)
    assert "timeout" in str(outcome.error).lower()


_HEAD = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _HEAD + b"Content-Type: %b\r\nTransfer-Encoding: chunked\r\n\r\n"
_DRIPS = {
    "fields": (_HEAD, b"X-Field: x\r\n"),
    "a field": (_HEAD + b"X-Field: ", b"x"),
    "informational answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "the size of a chunk": (_CHUNKED, b"0"),
    "an extension of a chunk": (_CHUNKED + b"1;", b"x"),
}


@pytest.mark.parametrize(
    ("drip", "through_proxy"), [*((drip, False) for drip in _DRIPS), ("a field", True), ("the size of a chunk", True)]
)
async def test_drips(drip: str, through_proxy: bool, connect: Connect, serve: Serve) -> None:
    """A server that sends a little now and then, which brings the answer no further, does not put off any deadline."""
    left_over = 0

    def pieces(media_type: bytes) -> Iterator[bytes]:
        nonlocal left_over
        first, then = _DRIPS[drip]
        yield first % media_type if b"%" in first else first
        for number in range(2000):
            left_over = 1999 - number
            time.sleep(0.01)  # the server's pace
            yield then

    with ForwardProxy() as proxy:
        options = {"proxy": proxy.url} if through_proxy else {}
        media_types = iter([b"application/json", b"text/event-stream"])
        server = serve(then=lambda _: Answer(framing="raw", pieces=pieces(next(media_types)), end=End.FIN))
        limits = {"timeout": 0.2, "stream_total_timeout": 0.2, **ONCE}
        async with connect(base_url=server.base_url, **limits, **options) as client:
            with pytest.raises(GPOTimeoutError):
                await client.chat(CONTEXT, QUESTION)
            assert left_over > 0
            with pytest.raises(StreamTimeoutError):
                await client.chat_stream(CONTEXT, QUESTION).collect()
            assert left_over > 0
