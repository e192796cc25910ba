"""Streams that their reader leaves: the connection goes with the reader, and nothing is left to the garbage collector.

Garbage is collected at the end, so that an iterator or a socket left open would be a warning, hence a failure.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from tests.client.conftest import Serve
from tests.client.outcomes import Connect
from tests.client.scenarios import CONTEXT, QUESTION
from tests.support.events import answer_events, chunk, sse, stream_answer
from tests.support.wire import End

_EVENTS = answer_events("Mexico ", "taxes ")
_UNFINISHED = stream_answer(*_EVENTS[:2], end=End.STALL)
_ASYNC = pytest.mark.parametrize("world", ["asyncio", "trio"])


class _Left(BaseException):
    """Like KeyboardInterrupt: an exception that no handler for ordinary errors sees."""


@pytest.fixture(scope="module", autouse=True)
def _no_garbage() -> Iterator[None]:
    yield
    gc.collect()


async def _leave_with(error: BaseException, client: Any) -> None:
    async with client.chat_stream(CONTEXT, QUESTION) as stream:
        await anext(stream)
        raise error


async def test_break(connect_once: Connect, serve: Serve) -> None:
    """Leaving the loop and the block closes the connection; the client goes on."""
    server = serve(_UNFINISHED, stream_answer(*_EVENTS))
    async with connect_once(base_url=server.base_url) as client:
        async with client.chat_stream(CONTEXT, QUESTION) as stream:
            async for _ in stream:
                break
            assert not server.connections[0].closed.is_set()
        await server.closed(0)
        answer = await client.chat_stream(CONTEXT, QUESTION).collect()
    assert answer.content == "Mexico taxes "
    assert len(server.requests) == 2


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt(), _Left()], ids=type)
async def test_exception(error: BaseException, connect_once: Connect, serve: Serve) -> None:
    """An exception passes through the block unchanged, and the connection is closed."""
    server = serve(_UNFINISHED)
    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(type(error)) as caught:
            await _leave_with(error, client)
        await server.closed(0)
    assert caught.value is error


async def test_entered_and_left(connect_once: Connect, serve: Serve) -> None:
    """A stream that nobody reads is closed all the same."""
    server = serve(_UNFINISHED)
    async with connect_once(base_url=server.base_url) as client:
        async with client.chat_stream(CONTEXT, QUESTION):
            pass
        await server.closed(0)


async def test_leaving_without_a_block(connect_once: Connect, serve: Serve) -> None:
    """A stream left in a bare loop is closed with the client at the latest."""
    server = serve(_UNFINISHED)
    async with connect_once(base_url=server.base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        async for _ in stream:
            break
        await stream.aclose()
        await server.closed(0)


async def test_not_entered(connect_once: Connect, serve: Serve) -> None:
    """A stream that is neither entered nor iterated sends nothing, and may be forgotten or closed."""
    server = serve()
    async with connect_once(base_url=server.base_url) as client:
        client.chat_stream(CONTEXT, QUESTION)
        await client.chat_stream(CONTEXT, QUESTION).aclose()
    assert server.connections == []


@pytest.mark.usefixtures("short_goodbye")
async def test_final_chunk_releases_the_connection(connect_once: Connect, serve: Serve) -> None:
    """Whoever stops at the final chunk has left nothing open, though the server has not hung up."""
    server = serve(stream_answer(*_EVENTS, end=End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)  # held, so that nothing is closed by being forgotten
        async for part in stream:
            if part.is_complete:
                break
        await server.closed(0)
        assert stream.partial.is_complete


async def test_unread_answer_does_not_pile_up(connect_once: Connect, serve: Serve) -> None:
    """A reader that stops reading stops the server: what it sends waits in the network's buffers, not in ours."""
    server = serve(stream_answer(*[sse(chunk("x" * 1_000_000))] * 64, end=End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        async with client.chat_stream(CONTEXT, QUESTION) as stream:
            await anext(stream)
        await server.closed(0)
    assert server.connections[0].sent < 32_000_000
