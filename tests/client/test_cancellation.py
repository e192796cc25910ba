"""Reading that is cancelled, or closed, by somebody else than the reader.

Garbage is collected at the end, so that an iterator or a socket left open would be a warning, hence a failure.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from gpo_client import StreamInterruptedError, UsageError
from tests.client.conftest import Serve
from tests.client.outcomes import Connect
from tests.client.scenarios import CONTEXT, QUESTION
from tests.support.events import answer_events, stream_answer
from tests.support.wire import Answer, End, no_answer

_EVENTS = answer_events("Mexico ", "taxes ")
_UNFINISHED = stream_answer(*_EVENTS[:2], end=End.STALL)
_ASYNC = pytest.mark.parametrize("world", ["asyncio", "trio"])


@pytest.fixture(scope="module", autouse=True)
def _no_garbage() -> Iterator[None]:
    yield
    gc.collect()


@_ASYNC
@pytest.mark.parametrize(
    "answer",
    [no_answer(End.STALL), stream_answer(end=End.STALL), _UNFINISHED],
    ids=["before the head", "before the first chunk", "in the middle"],
)
async def test_cancelled_while_waiting(answer: Answer, connect_once: Connect, serve: Serve) -> None:
    """Cancelling the task that waits for the server closes the connection at once."""
    server = serve(answer)
    async with connect_once(base_url=server.base_url) as client:
        with anyio.move_on_after(0.3) as scope:
            async with client.chat_stream(CONTEXT, QUESTION) as stream:
                async for _ in stream:
                    pass
        assert scope.cancelled_caught
        await server.closed(0)


@_ASYNC
async def test_cancelled_between_chunks(connect_once: Connect, serve: Serve) -> None:
    """Cancelling the task while it does something else in the block closes the connection too."""
    server = serve(_UNFINISHED)
    async with connect_once(base_url=server.base_url) as client:
        with anyio.CancelScope() as scope:
            async with client.chat_stream(CONTEXT, QUESTION) as stream:
                await anext(stream)
                scope.cancel()
                await anyio.sleep_forever()
        await server.closed(0)


@_ASYNC
async def test_cancelled_call(connect_once: Connect, serve: Serve) -> None:
    """Cancelling an ordinary call closes its connection; the client goes on."""
    server = serve(no_answer(End.STALL), stream_answer(*_EVENTS))
    async with connect_once(base_url=server.base_url) as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.chat, CONTEXT, QUESTION)
            await server.requested(1)
            tasks.cancel_scope.cancel()
        await server.closed(0)
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).is_complete


@_ASYNC
async def test_stream_after_its_reader_was_cancelled(connect_once: Connect, serve: Serve) -> None:
    """A cancelled read ends the stream. Reading on is an error of ours, not a cancellation that came from nowhere."""
    server = serve(_UNFINISHED)
    async with connect_once(base_url=server.base_url) as client:
        async with client.chat_stream(CONTEXT, QUESTION) as stream:
            with anyio.move_on_after(0.3):
                async for _ in stream:
                    pass
            with pytest.raises(UsageError, match="closed"):
                await anext(stream)
        await server.closed(0)


@_ASYNC
async def test_closed_by_another_task(connect_once: Connect, serve: Serve) -> None:
    """Whoever is waiting for a chunk when the stream is closed gets an error, never the end of a whole answer."""
    server = serve(_UNFINISHED)
    ends: list[BaseException | None] = []

    async def read(stream: Any) -> None:
        try:
            async for _ in stream:
                first_chunk.set()
            ends.append(None)
        except (UsageError, StreamInterruptedError) as error:
            ends.append(error)

    first_chunk = anyio.Event()
    async with connect_once(base_url=server.base_url) as client, anyio.create_task_group() as tasks:
        stream = client.chat_stream(CONTEXT, QUESTION)
        tasks.start_soon(read, stream)
        await first_chunk.wait()
        await anyio.wait_all_tasks_blocked()
        await stream.aclose()
        await server.closed(0)
    assert [type(end) for end in ends] == [StreamInterruptedError]


@_ASYNC
async def test_client_closed_under_a_stream(connect_once: Connect, serve: Serve) -> None:
    """A stream whose client is closed is cut short."""
    server = serve(_UNFINISHED)
    client = connect_once(base_url=server.base_url)
    stream = client.chat_stream(CONTEXT, QUESTION)
    await anext(stream)
    await client.aclose()
    with pytest.raises((StreamInterruptedError, UsageError)):
        async for _ in stream:
            pass
    await stream.aclose()
