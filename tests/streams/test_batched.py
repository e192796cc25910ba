"""Fewer chunks, none of them held for long."""

from __future__ import annotations

import threading

import pytest

from gpo_client import StreamInterruptedError
from tests.client.conftest import Connect, Serve
from tests.support.events import answer_events, final, sse, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import End

_EVENTS = answer_events(*"abcdefg")
_LONG = 3600.0  # seconds: nothing is handed out for the sake of time


async def test_the_first_at_once_the_rest_at_the_end(connect_once: Connect, serve: Serve) -> None:
    """However long the interval is, the first chunk does not wait, nor does anything after the end."""
    gate = threading.Event()
    server = serve(stream_answer(_EVENTS[0], gate, *_EVENTS[1:], end=End.STALL))
    async with (
        connect_once(base_url=server.base_url) as client,
        client.chat_stream(CONTEXT, QUESTION).batched(_LONG) as stream,
    ):
        assert (await anext(stream)).content == "a"
        gate.set()
        last = await anext(stream)
        assert (last.content, last.is_complete, len(last.sources)) == ("bcdefg", True, 1)
        assert last.metadata == final()["metadata"]
        assert [chunk async for chunk in stream] == []


async def test_the_rest_before_an_error(connect_once: Connect, serve: Serve) -> None:
    """A failure hands out what is held."""
    gate = threading.Event()
    server = serve(stream_answer(_EVENTS[0], gate, *_EVENTS[1:4], end=End.FIN))
    async with (
        connect_once(base_url=server.base_url) as client,
        client.chat_stream(CONTEXT, QUESTION).batched(_LONG) as stream,
    ):
        await anext(stream)
        gate.set()
        assert (await anext(stream)).content == "bcd"
        with pytest.raises(StreamInterruptedError):
            await anext(stream)


async def test_a_stream_that_falls_silent(connect_once: Connect, serve: Serve) -> None:
    """The second chunk arrives, though no third one comes to push it out."""
    gate = threading.Event()
    server = serve(stream_answer(_EVENTS[0], gate, _EVENTS[1], end=End.STALL))
    async with (
        connect_once(base_url=server.base_url) as client,
        client.chat_stream(CONTEXT, QUESTION).batched(0.2) as stream,
    ):
        assert (await anext(stream)).content == "a"
        gate.set()
        assert (await anext(stream)).content == "b"


async def test_a_burst_larger_than_the_buffer(connect_once: Connect, serve: Serve) -> None:
    """What arrives within an interval may be more than is read ahead; all of it arrives."""
    text = "x" * 5000
    events = [sse({"content": "x"})] * 5000
    server = serve(stream_answer(b"".join(events), sse(final())))
    async with (
        connect_once(base_url=server.base_url) as client,
        client.chat_stream(CONTEXT, QUESTION).batched(0.5) as stream,
    ):
        parts = [chunk.content or "" async for chunk in stream]
    assert "".join(parts) == text
    assert len(parts) < 100
