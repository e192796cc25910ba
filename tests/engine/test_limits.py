"""The client's own limits, with real clients."""

from __future__ import annotations

import threading
from typing import Any

import anyio
import pytest

from gpo_client import GPOCoreClient, GPOTimeoutError, SyncGPOCoreClient
from tests.client.conftest import Connect, Serve
from tests.support.events import answer_events, stream_answer
from tests.support.observing import Recorder
from tests.support.question import CONTEXT, whole_answer
from tests.support.wire import Answer, Received

_QUESTION: dict[str, Any] = {"query": "What is RESICO?"}


def _service(request: Received) -> Answer:
    return stream_answer(*answer_events("Yes.")) if request.json["stream"] else whole_answer()


async def test_a_stream_that_is_whole_gives_its_place_back(connect: Connect, serve: Serve) -> None:
    """With the final chunk, though whoever had that may keep the stream."""
    async with connect(base_url=serve(then=_service).base_url, max_concurrency=1, timeout=20) as client:
        stream = client.chat_stream(CONTEXT, _QUESTION)
        async for chunk in stream:
            if chunk.is_complete:
                break
        assert (await client.chat(CONTEXT, _QUESTION)).message_content
        await stream.aclose()


async def test_an_open_stream_keeps_its_place(connect: Connect, serve: Serve) -> None:
    """Whoever wants it is told what it waited for; copies share the limits, unless these are changed."""
    recorder = Recorder()
    server = serve(then=_service)
    async with (
        connect(base_url=server.base_url, max_concurrency=1, timeout=0.05, observers=[recorder]) as client,
        client.chat_stream(CONTEXT, _QUESTION) as stream,
    ):
        for copy in (client, client.with_options(timeout=0.04)):
            with pytest.raises(GPOTimeoutError, match="max_concurrency") as failed:
                await copy.chat(CONTEXT, _QUESTION)
            assert failed.value.waited >= 0.04
        wider = client.with_options(max_concurrency=2, timeout=20)
        assert (await wider.chat(CONTEXT, _QUESTION)).message_content
        assert (await stream.collect()).content == "Yes."
    told = [wait.reason for seen in recorder.calls for wait in seen.of("waited")]
    assert told == ["max_concurrency"] * 2
    assert len(server.requests) == 2


@pytest.mark.parametrize("runtime", ["asyncio", "trio"])
async def test_a_cancelled_wait_leaves_the_queue(connect: Connect, serve: Serve) -> None:
    """The next one has its turn."""
    go = threading.Event()
    slow = Answer(headers={"Content-Type": "application/json"}, pieces=(go, *whole_answer().pieces), framing="chunked")
    server = serve(slow, whole_answer())
    answers: list[Any] = []

    async def ask(client: GPOCoreClient) -> None:
        answers.append(await client.chat(CONTEXT, _QUESTION))

    async with connect(base_url=server.base_url, max_concurrency=1) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(ask, client)
        await anyio.wait_all_tasks_blocked()
        with anyio.CancelScope() as scope:
            scope.cancel()
            await client.chat(CONTEXT, _QUESTION)
        tasks.start_soon(ask, client)
        go.set()
    assert len(answers) == 2


def test_a_stream_closed_while_it_waits(serve: Serve) -> None:
    """By another thread: it ends at once, and leaves the queue."""
    with SyncGPOCoreClient(base_url=serve(then=_service).base_url, max_concurrency=1) as client:
        with client.chat_stream(CONTEXT, _QUESTION):
            waiting = client.chat_stream(CONTEXT, _QUESTION)
            failures: list[Exception] = []

            def read() -> None:
                try:
                    waiting.collect()
                except Exception as error:  # noqa: BLE001 - looked at below
                    failures.append(error)

            thread = threading.Thread(target=read)
            thread.start()
            (limiter,) = client._runtime.limiters
            while not limiter.waiting:
                threading.Event().wait(0.005)
            waiting.close()
            thread.join(20)
            assert not thread.is_alive()
            assert limiter.waiting == 0
        assert client.chat(CONTEXT, _QUESTION).message_content
    assert len(failures) == 1
