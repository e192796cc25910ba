"""One stream in the hands of several tasks or threads."""

from __future__ import annotations

import threading
from queue import Queue
from typing import Any

import anyio
import pytest

from gpo_client import SyncGPOCoreClient, UsageError
from tests.client.conftest import Connect, Serve
from tests.support.events import answer_events, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import ONE_TRY

_EVENTS = answer_events("Mexico ", "taxes ")
_ASYNC = pytest.mark.parametrize("runtime", ["asyncio", "trio"])


@_ASYNC
async def test_two_tasks_on_one_stream(connect_once: Connect, serve: Serve) -> None:
    """The second reader is refused, the first one is not disturbed."""
    gate = threading.Event()
    server = serve(stream_answer(gate, *_EVENTS))
    outcomes: list[Any] = []

    async def read(stream: Any) -> None:
        try:
            outcomes.append(await anext(stream))
        except UsageError as error:
            outcomes.append(error)
            gate.set()

    async with connect_once(base_url=server.base_url) as client, client.chat_stream(CONTEXT, QUESTION) as stream:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read, stream)
            tasks.start_soon(read, stream)
        assert (await anext(stream)).content == "taxes "
    assert "one consumer at a time" in str(outcomes[0])
    assert outcomes[1].content == "Mexico "


def test_two_threads_on_one_stream(serve: Serve) -> None:
    """The second reader is refused, the first one is not disturbed."""
    gate = threading.Event()
    server = serve(stream_answer(gate, *_EVENTS))
    outcomes: Queue[Any] = Queue()

    def read() -> None:
        try:
            outcomes.put(next(stream))
        except UsageError as error:
            outcomes.put(error)

    client = SyncGPOCoreClient(base_url=server.base_url, **ONE_TRY)
    with client, client.chat_stream(CONTEXT, QUESTION) as stream:
        threads = [threading.Thread(target=read) for _ in range(2)]
        for thread in threads:
            thread.start()
        refused = outcomes.get(timeout=20)  # the server is silent: only the refused reader can be back
        gate.set()
        first = outcomes.get(timeout=20)
        for thread in threads:
            thread.join()
    assert "one consumer at a time" in str(refused)
    assert first.content == "Mexico "
