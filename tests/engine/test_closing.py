"""Streams that are closed, cancelled or forgotten while the runtime is at work."""

from __future__ import annotations

import subprocess
import sys
import threading
from queue import Queue
from textwrap import dedent
from typing import Any

import anyio
import pytest

from gpo_client import StreamInterruptedError, SyncChatStream, SyncGPOCoreClient
from tests.client.conftest import Connect, Serve
from tests.support.question import CONTEXT, QUESTION, TEXTS, cut, problem
from tests.support.wire_script import Answer, End, Received, no_answer

_ASYNC = pytest.mark.parametrize("runtime", ["asyncio", "trio"])

#: Waits that would outlast any test.
FOR_EVER: dict[str, Any] = {
    "retry_backoff_factor": 1e6,
    "retry_max_delay": 1e6,
    "retry_max_elapsed": None,
    "stream_first_chunk_timeout": None,
    "stream_heartbeat_timeout": None,
    "stream_total_timeout": None,
}


@_ASYNC
async def test_closed_by_another_task_before_a_retry(connect: Connect, serve: Serve) -> None:
    """The wait between two tries ends at once."""
    await _closed_while_waiting(connect, serve(problem(503, "busy")), "on_retry")


@_ASYNC
async def test_closed_by_another_task_before_a_resume(connect: Connect, serve: Serve) -> None:
    """The wait before a resume ends at once."""
    await _closed_while_waiting(connect, serve(cut(1)), "on_resume")


async def _closed_while_waiting(connect: Connect, server: Any, hook: str) -> None:
    waiting = anyio.Event()
    options = {hook: lambda _: waiting.set(), **FOR_EVER}
    async with connect(base_url=server.base_url, **options) as client, anyio.create_task_group() as tasks:
        stream = client.chat_stream(CONTEXT, QUESTION)

        async def read() -> None:
            with pytest.raises(StreamInterruptedError, match="closed while it was being read"):
                await stream.collect()

        tasks.start_soon(read)
        await waiting.wait()
        await anyio.wait_all_tasks_blocked()
        await stream.aclose()


@_ASYNC
async def test_closed_by_another_task_before_the_head(connect: Connect, serve: Serve) -> None:
    """The wait for the head of the answer ends at once, and the connection with it."""
    server = serve(no_answer(End.STALL))
    async with connect(base_url=server.base_url) as client, anyio.create_task_group() as tasks:
        stream = client.chat_stream(CONTEXT, QUESTION)

        async def read() -> None:
            with pytest.raises(StreamInterruptedError):
                await stream.collect()

        tasks.start_soon(read)
        await anyio.wait_all_tasks_blocked()
        await stream.aclose()
        await server.closed(0)


@pytest.mark.parametrize(("hook", "answer"), [("on_retry", problem(503, "busy")), ("on_resume", cut(1))])
def test_closed_by_another_thread_while_it_waits(hook: str, answer: Any, serve: Serve) -> None:
    """The blocking client's waits end as promptly."""
    server, waiting = serve(answer), threading.Event()
    options: dict[str, Any] = {hook: lambda _: waiting.set(), **FOR_EVER}
    with SyncGPOCoreClient(base_url=server.base_url, **options) as client:
        _close_while_another_thread_reads(client, waiting)


def test_closed_by_another_thread_before_the_head(serve: Serve) -> None:
    """The wait for the head of the answer ends as promptly, and the connection with it."""
    asked = threading.Event()

    def stall(_: Received) -> Answer:
        asked.set()
        return no_answer(End.STALL)

    with SyncGPOCoreClient(base_url=serve(then=stall).base_url) as client:
        _close_while_another_thread_reads(client, asked)


def _close_while_another_thread_reads(client: SyncGPOCoreClient, is_waiting: threading.Event) -> None:
    """Close a stream from here once its reader, in a thread of its own, waits; the reader must end, and say why."""
    stream, ends = client.chat_stream(CONTEXT, QUESTION), Queue[Exception]()

    def read() -> None:
        try:
            stream.collect()
        except StreamInterruptedError as error:
            ends.put(error)

    thread = threading.Thread(target=read)
    thread.start()
    assert is_waiting.wait(20)
    stream.close()
    assert "closed while it was being read" in str(ends.get(timeout=20))
    thread.join()


def test_closed_by_its_own_hook(serve: Serve) -> None:
    """A hook that closes the stream (a stop button, say) ends it there. Closing an async stream takes an await."""
    streams: list[SyncChatStream] = []
    server = serve(cut(1))
    with SyncGPOCoreClient(base_url=server.base_url, on_resume=lambda _: streams[0].close(), **FOR_EVER) as client:
        streams.append(client.chat_stream(CONTEXT, QUESTION))
        with pytest.raises(StreamInterruptedError) as caught:
            streams[0].collect()
    assert caught.value.partial.content == TEXTS[0]


_FORGOTTEN = {
    "sync stream left open": """
        client = gpo_client.SyncGPOCoreClient(base_url=URL)
        stream = client.chat_stream(CONTEXT, {"query": "q"})
        print(next(stream).content)
        """,
    "async task cancelled by the end of the loop": """
        async def main():
            client = gpo_client.GPOCoreClient(base_url=URL)
            first = asyncio.Event()
            async def read():
                async with client.chat_stream(CONTEXT, {"query": "q"}) as stream:
                    async for chunk in stream:
                        print(chunk.content)
                        first.set()
            task = asyncio.create_task(read())
            await first.wait()
            await client.aclose()
        asyncio.run(main())
        """,
    "async stream left open": """
        async def main():
            async with gpo_client.GPOCoreClient(base_url=URL) as client:
                async for chunk in client.chat_stream(CONTEXT, {"query": "q"}):
                    print(chunk.content)
                    break
        asyncio.run(main())
        """,
    "thread still reading": """
        client = gpo_client.SyncGPOCoreClient(base_url=URL)
        stream = client.chat_stream(CONTEXT, {"query": "q"})
        print(next(stream).content)
        threading.Thread(target=lambda: list(stream), daemon=True).start()
        """,
}


@pytest.mark.slow
@pytest.mark.parametrize("program", _FORGOTTEN.values(), ids=_FORGOTTEN.keys())
def test_interpreter_exit(program: str, serve: Serve) -> None:
    """A program that ends with a stream open ends, quietly, and the server sees the connection closed."""
    server = serve(cut(1, End.STALL))
    head = f"import asyncio, threading, gpo_client\nURL = {server.base_url!r}\nCONTEXT = {CONTEXT.to_dict()!r}\n"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", head + dedent(program)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, TEXTS[0].strip(), "")
