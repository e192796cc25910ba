"""Several consumers of one stream."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from gpo_client import SyncGPOCoreClient, UsageError
from tests.client.conftest import Connect, Serve
from tests.streams.kinds import text_of
from tests.streams.readers import no_readers, readers
from tests.support.events import answer_events, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import ONE_TRY, End

_LETTERS = "abcdefghijklmnopqrstuvwxyz" * 8
_EVENTS = answer_events(*_LETTERS)
_ASYNC = pytest.mark.parametrize("runtime", ["asyncio", "trio"])


@_ASYNC
async def test_tasks_side_by_side(connect_once: Connect, serve: Serve) -> None:
    """Each gets every chunk, once and in order, one after the other or in batches; the buffer holds its limit."""
    server = serve(stream_answer(b"".join(_EVENTS[:100]), *_EVENTS[100:]))
    texts: dict[int, str] = {}

    async def read(number: int, stream: Any) -> None:
        async with stream:
            texts[number] = ""
            async for chunk in stream:
                texts[number] += chunk.content or ""
                await anyio.lowlevel.checkpoint()

    async with connect_once(base_url=server.base_url) as client:
        first, *others = client.chat_stream(CONTEXT, QUESTION).tee(3, max_chunks=5)
        async with anyio.create_task_group() as tasks:
            for number, stream in enumerate([first.batched(0), *others]):
                tasks.start_soon(read, number, stream)
        assert readers() == []
    assert texts == dict.fromkeys(range(3), _LETTERS)


def test_threads_side_by_side(serve: Serve) -> None:
    """The same with threads."""
    server = serve(stream_answer(b"".join(_EVENTS[:100]), *_EVENTS[100:]))
    texts: dict[int, str] = {}

    def read(number: int, stream: Any) -> None:
        with stream:
            texts[number] = "".join(chunk.content or "" for chunk in stream)

    with SyncGPOCoreClient(base_url=server.base_url, **ONE_TRY) as client:
        streams = client.chat_stream(CONTEXT, QUESTION).tee(3, max_chunks=5)
        threads = [threading.Thread(target=read, args=each) for each in enumerate(streams)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert readers() == []
    assert texts == dict.fromkeys(range(3), _LETTERS)


async def _read(stream: Any, count: int) -> str:
    return "".join([(await anext(stream)).content for _ in range(count)])


async def test_the_slow_one_holds_back_the_fast_one(connect_once: Connect, serve: Serve) -> None:
    """No more is read than the slower one has room for; each chunk it takes lets the faster one go on."""
    async with connect_once(base_url=serve(stream_answer(*_EVENTS, end=End.STALL)).base_url) as client:
        fast, slow = client.chat_stream(CONTEXT, QUESTION).tee(max_chunks=1, low=1.0, patience=20)
        async with fast, slow:
            for position in range(20):
                assert await _read(fast, 1) == _LETTERS[position]
                assert fast.stats.buffered >= 1
                assert await _read(slow, 1) == _LETTERS[position]


@pytest.mark.parametrize("leave", [lambda stream: stream.aclose(), None], ids=["closed", "dropped"])
@pytest.mark.parametrize("begun", [True, False])
async def test_one_that_leaves_is_not_waited_for(
    begun: bool, leave: Callable[[Any], Any] | None, connect_once: Connect, serve: Serve
) -> None:
    """The other gets all there is, whether the one had begun or not."""
    async with connect_once(base_url=serve(stream_answer(*_EVENTS)).base_url) as client:
        stays, leaves = client.chat_stream(CONTEXT, QUESTION).tee(max_chunks=2, patience=20)
        if begun:
            await anext(leaves)
        if leave is not None:
            await leave(leaves)
        del leaves
        assert await text_of(stays) == (_LETTERS, None)
        await no_readers()


@pytest.mark.parametrize("runtime", ["asyncio"])
@pytest.mark.parametrize("how", ["cancelled in its loop", "cancelled while it waits", "failed"])
async def test_one_whose_task_ends_badly_is_not_waited_for(how: str, connect_once: Connect, serve: Serve) -> None:
    """Even if all is kept that could be: the task, its exception, the stream. Who reads on is told."""
    async with connect_once(base_url=serve(stream_answer(b"".join(_EVENTS[:3]), *_EVENTS[3:])).base_url) as client:
        stays, leaves = client.chat_stream(CONTEXT, QUESTION).tee(max_chunks=2, patience=20)

        async def read() -> None:
            async for _ in leaves:
                if how == "failed":
                    raise ZeroDivisionError
                if how == "cancelled in its loop":
                    await asyncio.Event().wait()

        task = asyncio.create_task(read())
        assert await _read(stays, 2) == _LETTERS[:2]
        if how != "failed":
            task.cancel()
        assert await text_of(stays) == (_LETTERS[2:], None)
        await asyncio.wait([task])
        assert task.cancelled() == (how != "failed")
        with pytest.raises((ZeroDivisionError, asyncio.CancelledError)):
            await task
        with pytest.raises(UsageError, match=r"has failed|closed"):
            await anext(leaves)
        await no_readers()


@pytest.mark.parametrize("runtime", ["asyncio"])
async def test_a_task_for_each_chunk(connect_once: Connect, serve: Serve) -> None:
    """Tasks that end well hand on to the next; one that fails later, after others, is none of its concern."""
    async with connect_once(base_url=serve(stream_answer(*_EVENTS)).base_url) as client:
        one, other = client.chat_stream(CONTEXT, QUESTION).tee(max_chunks=1, patience=20)
        for position in range(30):
            chunks = await asyncio.gather(anext(one), anext(other))
            assert [chunk.content for chunk in chunks] == [_LETTERS[position]] * 2
        await one.aclose()
        assert await text_of(other) == (_LETTERS[30:], None)


@_ASYNC
async def test_a_consumer_that_takes_is_waited_for(connect_once: Connect, serve: Serve) -> None:
    """Patience counts from the last chunk that the other took, however long it takes to make room for more."""
    async with connect_once(base_url=serve(stream_answer(b"".join(_EVENTS[:30]), *_EVENTS[30:])).base_url) as client:
        fast, slow = client.chat_stream(CONTEXT, QUESTION).tee(max_chunks=30, low=0.1, patience=0.5)
        async with fast, slow, anyio.create_task_group() as tasks:

            async def dawdle() -> None:
                for _ in range(28):
                    await anext(slow)
                    await anyio.sleep(0.03)  # 0.8 seconds in all, more than the patience
                await text_of(slow)

            tasks.start_soon(dawdle)
            assert await text_of(fast) == (_LETTERS, None)


async def test_one_after_the_other(connect_once: Connect, serve: Serve) -> None:
    """Reading one to its end before the next is a mistake that is told, not a deadlock; the other can be read on."""
    async with connect_once(base_url=serve(stream_answer(*_EVENTS)).base_url) as client:
        first, second = client.chat_stream(CONTEXT, QUESTION).tee(max_chunks=4, patience=0.05)
        async with first, second:
            text, error = await text_of(first)
            assert isinstance(error, UsageError)
            assert "side by side" in str(error)
            assert "0.05 seconds" in str(error)
            assert _LETTERS.startswith(text)
            with pytest.raises(UsageError, match="side by side"):
                await anext(first)
            assert await text_of(second) == (_LETTERS, None)
    assert readers() == []


async def test_all_leave(connect_once: Connect, serve: Serve) -> None:
    """The connection is released with the last one."""
    server = serve(stream_answer(*_EVENTS[:3], end=End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        first, second = client.chat_stream(CONTEXT, QUESTION).tee()
        await anext(first)
        await first.aclose()
        assert not server.connections[0].closed.is_set()
        await anext(second)
        await second.aclose()
        assert readers() == []
        await server.closed(0)
