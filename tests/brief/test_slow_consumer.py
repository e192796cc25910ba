"""Consumers slower than the service."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import anyio.to_thread
import pytest

from tests.support.events import chunk, final, numbered, sse, stream_answer
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
