"""Consumers slower than the service, and consumers that leave."""

from __future__ import annotations

import gc
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import anyio.lowlevel
import anyio.to_thread
import pytest

from tests.support.events import chunk, final, numbered, sse, stream_answer
from tests.support.question import SESSION
from tests.support.wire import ONE_TRY, WireServer

Connect = Callable[..., Any]
CONTEXT = {"session_id": "session-1", "token": "token-1"}
QUESTION = {"query": "What is IMMEX?"}
PATIENCE_S = 20.0


async def test_nothing_is_lost_between_service_and_slow_consumer(connect: Connect) -> None:
    """The service has written everything before the second chunk is asked for; all of it arrives, in order."""
    written = threading.Event()
    words = [f"word{number} " for number in range(200)]

    def pieces() -> Iterator[bytes]:
        yield from numbered([*map(chunk, words), final()])
        written.set()

    received: list[str] = []
    with WireServer(stream_answer(pieces=pieces())) as server:
        async with connect(base_url=server.base_url, **ONE_TRY) as client:
            async for part in client.chat_stream(CONTEXT, QUESTION):
                assert await anyio.to_thread.run_sync(written.wait, PATIENCE_S)
                received.append(part.content or "")
    assert received == [*words, ""]


async def test_the_service_is_not_far_ahead_of_its_consumer(connect: Connect) -> None:
    """An answer is not hoarded: what is written but not yet consumed fits into the buffers of the network."""
    size, count, most = 256 * 1024, 256, 48 * 1024 * 1024  # bytes, chunks, bytes
    written = 0

    def pieces() -> Iterator[bytes]:
        nonlocal written
        for _ in range(count):
            written += size
            yield sse(chunk("x" * size))
        yield sse(final())

    ahead, consumed = 0, 0
    with WireServer(stream_answer(pieces=pieces())) as server:
        async with connect(base_url=server.base_url, **ONE_TRY) as client:
            async for part in client.chat_stream(CONTEXT, QUESTION):
                ahead = max(ahead, written - consumed)
                consumed += len(part.content or "")
    assert consumed == size * count
    assert ahead < most < size * count


async def test_a_consumer_that_works_in_lots(client: Any) -> None:
    """Collecting chunks and working them off in lots leaves the answer whole."""
    waiting: deque[str] = deque()
    lots: list[str] = []
    async with client:
        conversation = await client.open_conversation(SESSION)
        async for part in conversation.stream(QUESTION["query"]):
            waiting.append(part.content or "")
            if len(waiting) == 10 or part.is_complete:
                await anyio.lowlevel.checkpoint()  # others run meanwhile
                lots.append("".join(waiting))
                waiting.clear()
        answer = await conversation.ask(QUESTION["query"])
    assert len(lots) > 1
    assert "".join(lots) == answer.message_content


@pytest.mark.parametrize("world", ["sync", "asyncio"])  # trio demands "async with", and warns
async def test_a_dropped_stream_does_not_wait_for_the_garbage_collector(
    connect: Connect, request: pytest.FixtureRequest
) -> None:
    """A loop left early, without a block around it, lets go of its connection at once."""
    request.addfinalizer(gc.enable)
    gc.disable()
    gate = threading.Event()
    with WireServer(stream_answer(sse(chunk("Enough.")), gate)) as server:
        async with connect(base_url=server.base_url, **ONE_TRY) as client:
            async for _ in client.chat_stream(CONTEXT, QUESTION):
                break
            gate.set()
            await server.closed(0)


@pytest.mark.parametrize("count", [1, 4, 10, 12])
async def test_the_documents_back_pressure_prints_all_when_only_the_end_marker_comes(
    count: int, connect: Connect
) -> None:
    """Its loop empties its buffer at the final chunk: a stream that ends with ``[DONE]`` must have one."""
    words = [f"word{number} " for number in range(count)]
    printed: list[str] = []
    with WireServer(stream_answer(*(sse(chunk(word)) for word in words), sse("[DONE]"))) as server:
        async with connect(base_url=server.base_url, **ONE_TRY) as client:
            buffer: deque[Any] = deque()
            async for part in client.chat_stream(CONTEXT, QUESTION):
                buffer.append(part)
                while buffer and (len(buffer) >= 10 or part.is_complete):
                    printed.append(buffer.popleft().content or "")
    assert "".join(printed) == "".join(words)
