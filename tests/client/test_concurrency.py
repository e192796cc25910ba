"""One client, or one stream, for many tasks or threads at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from typing import Any

import anyio
import pytest

from gpo_client import GPOCoreClient, SyncGPOCoreClient, UsageError
from tests.client.conftest import Connect, Serve
from tests.support.events import answer_events, chat_response, json_answer, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import ONE_TRY, Answer, Received

_MANY = 50
_ASYNC = pytest.mark.parametrize("runtime", ["asyncio", "trio"])


def _echo(request: Received) -> Answer:
    """The question as its answer, as a stream or whole, as was asked."""
    query = request.json["query"]
    if request.json["stream"]:
        return stream_answer(*answer_events("You asked: ", *query))
    return json_answer(chat_response(f"You asked: {query}"))


@_ASYNC
async def test_many_tasks(connect_once: Connect, serve: Serve) -> None:
    """Streams and calls at the same time: each gets its own answer."""
    server = serve(then=_echo)
    answers: dict[str, str] = {}

    async def stream(client: GPOCoreClient, query: str) -> None:
        answers[query] = (await client.chat_stream(CONTEXT, {"query": query}).collect()).content

    async def call(client: GPOCoreClient, query: str) -> None:
        answers[query] = (await client.chat(CONTEXT, {"query": query})).message_content

    async with connect_once(base_url=server.base_url) as client, anyio.create_task_group() as tasks:
        for number in range(_MANY):
            tasks.start_soon(stream, client, f"stream {number}")
            tasks.start_soon(call, client, f"call {number}")
    assert answers == {query: f"You asked: {query}" for query in answers}
    assert len(answers) == len(server.requests) == 2 * _MANY


def test_many_threads(serve: Serve) -> None:
    """The same with the blocking client in threads, which build its HTTP client together."""
    server = serve(then=_echo)
    start = threading.Barrier(_MANY)

    def ask(number: int) -> tuple[str, str]:
        start.wait()
        streamed = client.chat_stream(CONTEXT, {"query": f"stream {number}"}).collect()
        called = client.chat(CONTEXT, {"query": f"call {number}"})
        return streamed.content, called.message_content

    with SyncGPOCoreClient(base_url=server.base_url, **ONE_TRY) as client, ThreadPoolExecutor(_MANY) as threads:
        answers = list(threads.map(ask, range(_MANY)))
    assert answers == [(f"You asked: stream {number}", f"You asked: call {number}") for number in range(_MANY)]
    assert len(server.requests) == 2 * _MANY


@_ASYNC
async def test_more_tasks_than_connections(connect_once: Connect, serve: Serve) -> None:
    """``max_connections`` is kept: the others wait their turn, and get it."""
    server = serve(then=_echo)
    gauge = Gauge()

    async def stream(client: Any, number: int) -> None:
        async with client.chat_stream(CONTEXT, {"query": f"{number}"}) as opened:
            with gauge:
                answer = await opened.collect()
        assert answer.content == f"You asked: {number}"

    async with connect_once(base_url=server.base_url, max_connections=3) as client, anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(stream, client, number)
    assert gauge.highest <= 3


class Gauge:
    """Counts who is inside, and the most there ever were."""

    def __init__(self) -> None:
        self._inside = 0
        self.highest = 0

    def __enter__(self) -> None:
        self._inside += 1
        self.highest = max(self.highest, self._inside)

    def __exit__(self, *_: object) -> None:
        self._inside -= 1


async def test_no_free_connection(connect_once: Connect, serve: Serve) -> None:
    """Waiting for a connection has a deadline too, and the error says what was waited for."""
    gate = threading.Event()
    server = serve(stream_answer(gate, *answer_events("a")))
    client = connect_once(base_url=server.base_url, max_connections=1)
    async with client, client.chat_stream(CONTEXT, {"query": "first"}) as stream:
        with pytest.raises(TimeoutError, match="all of max_connections are in use; raise that"):
            await client.chat(CONTEXT, {"query": "second"}, timeout=0.2)
        gate.set()
        assert (await stream.collect()).content == "a"
    assert len(server.requests) == 1


async def test_copy_shares_the_connections(connect_once: Connect, serve: Serve) -> None:
    """A copy with other options uses the same connections; closing it closes nothing, closing the client all."""
    server = serve(then=_echo)
    async with connect_once(base_url=server.base_url) as client:
        await client.chat(CONTEXT, {"query": "q"})
        async with client.with_options(timeout=5, user_agent="copy/1") as copy:
            await copy.chat(CONTEXT, {"query": "q"})
        await client.chat(CONTEXT, {"query": "q"})
        assert not server.connections[0].closed.is_set()
    assert [request.connection for request in server.requests] == [0, 0, 0]
    assert [request.headers["user-agent"] == "copy/1" for request in server.requests] == [False, True, False]


async def test_copy_with_connections_of_its_own(connect_once: Connect, serve: Serve) -> None:
    """A copy whose connections must be different has its own, also when it is the copy of a copy."""
    server, proxy = serve(then=_echo), serve(then=_echo)
    async with connect_once(base_url=server.base_url) as client:
        async with client.with_options(timeout=5).with_options(proxy=proxy.base_url) as copy:
            await copy.chat(CONTEXT, {"query": "q"})
        await proxy.closed(0)
        await client.chat(CONTEXT, {"query": "q"})
    assert [request.target for request in proxy.requests] == [f"{server.base_url}/api/Chat"]
    assert len(server.requests) == 1


# --- One stream in the hands of several tasks or threads.

_EVENTS = answer_events("Mexico ", "taxes ")


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
