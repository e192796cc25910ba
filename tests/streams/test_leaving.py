"""Leaving early, however that is done, stops the reader and releases the connection."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Coroutine
from contextlib import nullcontext, suppress
from queue import Queue
from typing import Any

import anyio
import pytest

from gpo_client import GPOClientError, StreamInterruptedError, SyncGPOCoreClient, UsageError
from tests.client.conftest import Connect, Serve
from tests.streams.kinds import KINDS, as_it_is, every_kind, every_way, text_of
from tests.streams.readers import PATIENCE_S, happens, no_readers, readers
from tests.support.events import answer_events, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import ONE_TRY, End, no_answer

_EVENTS = answer_events("Mexico ", "taxes ", "income")
_UNFINISHED = stream_answer(b"".join(_EVENTS[:2]), end=End.STALL)
_ASYNC = pytest.mark.parametrize("runtime", ["asyncio", "trio"])
Kind = Callable[[Any], Any]


class _Left(BaseException):
    """Like KeyboardInterrupt: an exception that no handler for ordinary errors sees."""


@every_way
async def test_break(kind: Kind, connect_once: Connect, serve: Serve) -> None:
    """Leaving the block closes the connection, waiting for the network or not; the client goes on."""
    server = serve(_UNFINISHED, stream_answer(*_EVENTS))
    async with connect_once(base_url=server.base_url) as client:
        stream, *_ = kind(client.chat_stream(CONTEXT, QUESTION))
        async with stream:
            async for _ in stream:
                break
            assert bool(readers()) is (kind is not as_it_is)
            assert not server.connections[0].closed.is_set()
        assert readers() == []
        await server.closed(0)
        with pytest.raises(UsageError, match="closed"):
            await anext(stream)
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).is_complete
    assert len(server.requests) == 2


@pytest.mark.parametrize("kind", [as_it_is, KINDS["buffered"]], ids=["as it is", "buffered"])
@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt(), _Left()], ids=type)
async def test_exceptions(error: BaseException, kind: Kind, connect_once: Connect, serve: Serve) -> None:
    """An exception passes through the block unchanged."""
    server = serve(_UNFINISHED)

    async def leave(stream: Any) -> None:
        async with stream:
            await anext(stream)
            raise error

    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(type(error)) as caught:
            await leave(kind(client.chat_stream(CONTEXT, QUESTION))[0])
        assert readers() == []
        await server.closed(0)
    assert caught.value is error


@every_way
async def test_entered_and_left(kind: Kind, connect_once: Connect, serve: Serve) -> None:
    """A stream that nobody reads is closed all the same."""
    server = serve(_UNFINISHED)
    async with connect_once(base_url=server.base_url) as client:
        async with kind(client.chat_stream(CONTEXT, QUESTION))[0]:
            pass
        await server.closed(0)
        assert readers() == []


@pytest.mark.usefixtures("short_goodbye")
async def test_left_at_the_final_chunk(connect_once: Connect, serve: Serve) -> None:
    """Nothing stays open, though the server has not hung up."""
    server = serve(stream_answer(*_EVENTS, end=End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)  # held, so that nothing is closed by being forgotten
        async for part in stream:
            if part.is_complete:
                break
        await server.closed(0)
        assert stream.partial.is_complete


@every_way
async def test_not_entered(kind: Kind, connect_once: Connect, serve: Serve) -> None:
    """What is neither entered nor iterated sends nothing, and may be forgotten or closed."""
    server = serve()
    async with connect_once(base_url=server.base_url) as client:
        kind(client.chat_stream(CONTEXT, QUESTION))
        for stream in kind(client.chat_stream(CONTEXT, QUESTION)):
            await stream.aclose()
            await stream.aclose()
    assert server.connections == []


@every_kind
async def test_dropped(kind: Kind, connect_once: Connect, serve: Serve, request: pytest.FixtureRequest) -> None:
    """A loop left without a block around it lets go too, and does not wait for the garbage collector."""
    request.addfinalizer(gc.enable)
    gc.disable()
    server = serve(_UNFINISHED)
    async with connect_once(base_url=server.base_url) as client:
        async for _ in kind(client.chat_stream(CONTEXT, QUESTION))[0]:
            break
        await server.closed(0)
        await no_readers()


async def _cancel_once(is_so: Callable[[], Any], work: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Cancel a task once something is so, and everybody waits."""
    with anyio.fail_after(PATIENCE_S):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(work)
            while not is_so():  # noqa: ASYNC110 - nobody tells
                await anyio.sleep(0.001)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()


@every_way
@_ASYNC
@pytest.mark.parametrize("entered", [True, False], ids=["in a block", "in a loop alone"])
async def test_cancelled(entered: bool, kind: Kind, connect_once: Connect, serve: Serve) -> None:
    """The reader goes with the task that waits for it."""
    server = serve(_UNFINISHED)
    async with connect_once(base_url=server.base_url) as client:
        stream, *_ = kind(client.chat_stream(CONTEXT, QUESTION))

        async def read() -> None:
            async with stream if entered else nullcontext():
                await text_of(stream)

        await _cancel_once(lambda: stream.partial.chunk_count == 2, read)
        assert readers() == []
        await server.closed(0)
        with pytest.raises(UsageError, match="closed"):
            await anext(stream)


@_ASYNC
@every_way
async def test_cancelled_while_it_opens(kind: Kind, connect_once: Connect, serve: Serve) -> None:
    """Nobody can leave a block that was not entered; the connection goes all the same, and so does the reader."""
    server = serve(no_answer(End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        stream, *_ = kind(client.chat_stream(CONTEXT, QUESTION))

        async def enter() -> None:
            async with stream:
                pytest.fail("the block was entered")

        await _cancel_once(lambda: server.requests, enter)
        assert readers() == []
        await server.closed(0)


@_ASYNC
async def test_cancelled_call(connect_once: Connect, serve: Serve) -> None:
    """No stream at all: its connection is closed, and the client goes on."""
    server = serve(no_answer(End.STALL), stream_answer(*_EVENTS))
    async with connect_once(base_url=server.base_url) as client:
        await _cancel_once(lambda: server.requests, lambda: client.chat(CONTEXT, QUESTION))
        await server.closed(0)
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).is_complete


@every_kind
@pytest.mark.parametrize("size", [2, 3], ids=["waiting for the network", "waiting for room"])
async def test_closing_what_is_read(size: int, kind: Kind, connect_once: Connect, serve: Serve) -> None:
    """Closing the stream below closes what was made of it. What had been read is not lost, and no end is made up."""
    server = serve(stream_answer(b"".join(_EVENTS[:size]), end=End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        raw = client.chat_stream(CONTEXT, QUESTION)
        stream, *_ = kind(raw)
        await anext(stream)
        await raw.aclose()
        assert len(readers()) <= 1  # one above it has a buffer of its own, and will see it
        await server.closed(0)
        text, error = await text_of(stream)
        assert isinstance(error, (StreamInterruptedError, UsageError))
        assert "closed" in str(error)
        assert "Mexico taxes income".find(text) >= 0
        await stream.aclose()
        assert readers() == []


@_ASYNC
@every_way
async def test_closed_by_another_task(kind: Kind, connect_once: Connect, serve: Serve) -> None:
    """Whoever is waiting for a chunk is woken, with an error."""
    server = serve(_UNFINISHED)
    ends: list[BaseException | None] = []
    async with connect_once(base_url=server.base_url) as client:
        stream, *_ = kind(client.chat_stream(CONTEXT, QUESTION))

        async def read() -> None:
            ends.append((await text_of(stream))[1])

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            with anyio.fail_after(PATIENCE_S):
                while stream.partial.chunk_count < 2:  # noqa: ASYNC110 - nobody tells
                    await anyio.sleep(0.001)
            await anyio.wait_all_tasks_blocked()
            await stream.aclose()
        assert [type(end) for end in ends] == [StreamInterruptedError]
        await no_readers()
        await server.closed(0)


@every_way
def test_closed_by_another_thread(kind: Kind, serve: Serve) -> None:
    """Whoever is waiting for a chunk is woken, with an error."""
    server = serve(_UNFINISHED)
    ends, first_chunk = Queue[BaseException | None](), threading.Event()

    def read() -> None:
        try:
            for _ in stream:
                first_chunk.set()
            ends.put(None)
        except GPOClientError as error:
            ends.put(error)

    with SyncGPOCoreClient(base_url=server.base_url, **ONE_TRY) as client:
        stream, *_ = kind(client.chat_stream(CONTEXT, QUESTION))
        consumer = threading.Thread(target=read)
        consumer.start()
        assert first_chunk.wait(20)
        stream.close()
        assert isinstance(ends.get(timeout=20), (StreamInterruptedError, UsageError))
        consumer.join()
        server.wait_closed(0)


def test_closed_by_its_own_callback(serve: Serve) -> None:
    """A thread does not wait for itself."""
    server = serve(_UNFINISHED)
    closed = threading.Event()

    def close() -> None:
        streams[0].close()
        closed.set()

    with SyncGPOCoreClient(base_url=server.base_url, **ONE_TRY) as client:
        streams = [client.chat_stream(CONTEXT, QUESTION).buffered(max_chunks=1, on_pause=close)]
        with suppress(GPOClientError):
            list(streams[0])
        assert closed.wait(20)
        server.wait_closed(0)


@_ASYNC
async def test_dropped_in_another_thread(connect_once: Connect, serve: Serve) -> None:
    """A destructor may run anywhere."""
    server = serve(_UNFINISHED)
    async with connect_once(base_url=server.base_url) as client:
        streams = [client.chat_stream(CONTEXT, QUESTION).buffered()]
        await anext(streams[0])
        await anyio.to_thread.run_sync(streams.clear)
        await server.closed(0)
        await no_readers()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_loop_that_ends_in_the_middle(backend: str, serve: Serve) -> None:
    """The end of the event loop is the end of the reader; nothing is complained about, whatever still refers to it."""
    from gpo_client import GPOCoreClient

    server = serve(_UNFINISHED, _UNFINISHED)
    kept: list[Any] = []

    async def main() -> None:
        client = GPOCoreClient(base_url=server.base_url, **ONE_TRY)
        kept.append(client.chat_stream(CONTEXT, QUESTION).buffered(max_chunks=1))
        await anext(kept[0])
        dropped = client.chat_stream(CONTEXT, QUESTION).buffered()
        await anext(dropped)

    anyio.run(main, backend=backend)
    server.wait_closed(0, 1)
    assert kept.pop().partial.chunk_count == 2
    gc.collect()


@pytest.mark.parametrize("runtime", ["asyncio"])  # nobody can get at those of trio
async def test_a_reader_cancelled_by_somebody_else(connect_once: Connect, serve: Serve) -> None:
    """Whoever cancels all tasks cancels the reader as well; its consumer gets an error, no cancellation."""
    import asyncio

    server = serve(_UNFINISHED)
    async with connect_once(base_url=server.base_url) as client:
        async with client.chat_stream(CONTEXT, QUESTION).buffered() as stream:
            await anext(stream)
            for task in asyncio.all_tasks():
                if task.get_name() == "gpo_client reader":
                    task.cancel()
            text, error = await text_of(stream)
            assert text == "taxes "
            assert isinstance(error, StreamInterruptedError)
            assert "stopped from elsewhere" in str(error)
        await server.closed(0)


async def test_made_outside_a_loop(connect_once: Connect, serve: Serve) -> None:
    """Streams may be made in a thread that has no loop, and read on the loop."""
    async with connect_once(base_url=serve(stream_answer(*_EVENTS)).base_url) as client:
        made: list[Any] = []
        done = threading.Event()

        def make() -> None:
            made.append(client.chat_stream(CONTEXT, QUESTION).buffered().batched(0))
            done.set()

        threading.Thread(target=make).start()
        await happens(done)
        assert (await text_of(made[0])) == ("Mexico taxes income", None)
