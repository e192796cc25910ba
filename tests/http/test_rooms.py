"""``max_connections`` is kept, and no place is ever lost: however a stream or a wait ends.

Places are counted from outside: after whatever happened, as many streams can be open at once as before.
"""

from __future__ import annotations

import gc
import ssl
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import anyio
import anyio.to_thread
import pytest

from gpo_client import GPOTimeoutError
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.support.events import answer_events, problem_answer, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import Answer, End, Received, no_answer

_ASYNC = pytest.mark.parametrize("runtime", ["asyncio", "trio"])
_EVENTS = answer_events("Mexico ", "taxes ")

#: A stream that stays open until its reader leaves.
_OPEN = stream_answer(*_EVENTS[:1], end=End.STALL)

#: More than one, so that a place can be lost without everything standing still.
_PLACES = 3


def _open(_: Received) -> Answer:
    return _OPEN


async def _check_places(client: Any) -> None:
    """So many streams can be open at once, and not one more."""
    async with AsyncExitStack() as streams:
        for _ in range(_PLACES):
            stream = await streams.enter_async_context(client.chat_stream(CONTEXT, QUESTION))
            assert (await anext(stream)).content == "Mexico "
        with pytest.raises(GPOTimeoutError, match="timeout while all of max_connections are in use"):
            await client.chat(CONTEXT, QUESTION, timeout=0.05)


@pytest.fixture
def connect_few(connect_once: Connect) -> Callable[..., Any]:
    """Makes clients that have few places."""
    return lambda server, **options: connect_once(base_url=server.base_url, max_connections=_PLACES, **options)


async def test_places_of_a_new_client(connect_few: Connect, serve: Serve) -> None:
    """And again after all of them have been left."""
    server = serve(then=_open)
    async with connect_few(server) as client:
        await _check_places(client)
        await _check_places(client)
    assert len(server.requests) == 2 * _PLACES


async def test_stream_is_told_that_there_is_no_place(connect_few: Connect, serve: Serve) -> None:
    """A stream waits as long as its deadlines allow, and says what for."""
    async with connect_few(serve(then=_open)) as client:
        async with AsyncExitStack() as streams:
            for _ in range(_PLACES):
                await streams.enter_async_context(client.chat_stream(CONTEXT, QUESTION))
            with pytest.raises(GPOTimeoutError, match="max_connections"):
                await client.chat_stream(CONTEXT, QUESTION, timeout=0.05).collect()
        await _check_places(client)


@pytest.mark.parametrize(
    "answer",
    [
        problem_answer(503),
        no_answer(End.RESET),
        no_answer(End.FIN),
        Answer(framing="raw", pieces=[b"nonsense\r\n\r\n"], end=End.FIN),
        stream_answer(*_EVENTS[:1], end=End.RESET),
        stream_answer(*_EVENTS[:1], end=End.FIN),
        stream_answer(b"data: nonsense\n\n", end=End.STALL),
        stream_answer(*_EVENTS),
        Answer(status=204),
        Answer(status=307, headers={"Location": "/"}),
    ],
    ids=["status", "reset", "hung up", "nonsense", "cut", "closed", "no JSON", "whole", "no content", "redirect"],
)
async def test_place_after_an_answer(answer: Answer, connect_few: Connect, serve: Serve) -> None:
    """Good or bad."""
    server = serve(*[answer] * 2 * _PLACES, then=_open)
    async with connect_few(server) as client:
        for _ in range(2 * _PLACES):
            error = (await outcome_of(client.chat_stream(CONTEXT, QUESTION))).error
            assert "max_connections" not in str(error)
        await _check_places(client)


async def test_place_after_a_failed_connect(connect_few: Connect, serve: Serve, free_port: int) -> None:
    """A connection that never came about holds no place."""
    server = serve(then=_open)
    async with connect_few(server) as client:
        elsewhere = client.with_options(base_url=f"http://127.0.0.1:{free_port}")
        for _ in range(2 * _PLACES):
            with pytest.raises(Exception, match="connection refused"):
                await elsewhere.chat(CONTEXT, QUESTION)
        await _check_places(client)


@pytest.mark.parametrize("runtime", ["sync", "asyncio"])
async def test_place_of_a_dropped_stream(connect_few: Connect, serve: Serve) -> None:
    """A stream that its reader forgot half-read gives its place back by itself."""
    server = serve(then=_open)
    async with connect_few(server) as client:
        gc.disable()
        try:
            for number in range(2 * _PLACES):
                stream = client.chat_stream(CONTEXT, QUESTION)
                assert (await anext(aiter(stream))).content == "Mexico "
                del stream
                await server.closed(number)
            await _check_places(client)
        finally:
            gc.enable()


# trio warns of each generator that is left to the garbage collector, and finishes it all the same.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*garbage collected:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_place_of_a_dropped_stream_in_a_cycle(connect_few: Connect, serve: Serve) -> None:
    """When it is garbage that refers to itself, or on trio, the garbage collector does it."""
    server = serve(then=_open)
    async with connect_few(server) as client:
        for number in range(2 * _PLACES):
            stream = client.chat_stream(CONTEXT, QUESTION)
            await anext(aiter(stream))
            cycle: list[Any] = [stream]
            cycle.append(cycle)
            del stream, cycle
            gc.collect()
            await server.closed(number)
            gc.collect()
        await _check_places(client)


@_ASYNC
async def test_cancelled_while_it_waits_for_a_place(connect_few: Connect, serve: Serve) -> None:
    """Whoever waits and is cancelled takes nothing with it."""
    async with connect_few(serve(then=_open)) as client:
        async with AsyncExitStack() as streams:
            for _ in range(_PLACES):
                await streams.enter_async_context(client.chat_stream(CONTEXT, QUESTION))
            async with anyio.create_task_group() as tasks:
                for _ in range(2 * _PLACES):
                    tasks.start_soon(client.chat, CONTEXT, QUESTION)
                await anyio.wait_all_tasks_blocked()
                tasks.cancel_scope.cancel()
        await _check_places(client)


@_ASYNC
async def test_cancelled_as_a_place_becomes_free(connect_few: Connect, serve: Serve) -> None:
    """The place was for the one who waits, who does not want it any more."""
    async with connect_few(serve(then=_open)) as client:
        for _ in range(2 * _PLACES):
            async with AsyncExitStack() as streams, anyio.create_task_group() as tasks:
                for _ in range(_PLACES):
                    await streams.enter_async_context(client.chat_stream(CONTEXT, QUESTION))
                tasks.start_soon(client.chat, CONTEXT, QUESTION)
                await anyio.wait_all_tasks_blocked()
                await streams.aclose()
                tasks.cancel_scope.cancel()
        await _check_places(client)


@_ASYNC
async def test_cancelled_while_it_waits_for_the_head(connect_few: Connect, serve: Serve) -> None:
    """The connection is closed, its place is free."""
    server = serve(*[no_answer(End.STALL)] * _PLACES, then=_open)
    async with connect_few(server) as client:
        for number in range(_PLACES):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.chat_stream(CONTEXT, QUESTION).collect)
                await server.requested(number + 1)
                tasks.cancel_scope.cancel()
            await server.closed(number)
        await _check_places(client)


@_ASYNC
async def test_cancelled_while_it_reads(connect_few: Connect, serve: Serve) -> None:
    """The same in the middle of a stream."""
    server = serve(then=_open)
    async with connect_few(server) as client:
        for number in range(2 * _PLACES):
            first = anyio.Event()

            async def read(first: anyio.Event = first) -> None:
                async for _ in client.chat_stream(CONTEXT, QUESTION):
                    first.set()

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(read)
                await first.wait()
                await anyio.wait_all_tasks_blocked()
                tasks.cancel_scope.cancel()
            await server.closed(number)
        await _check_places(client)


@_ASYNC
@pytest.mark.usefixtures("trusted")
async def test_cancelled_while_it_connects(connect_few: Connect, serve: Serve) -> None:
    """In the middle of a TLS handshake: the connection is closed at once, its place is free."""
    arrived = threading.Semaphore(0)

    class Silent(ssl.SSLContext):
        """Never answers."""

        def wrap_socket(self, sock: Any, *args: Any, **kwargs: Any) -> Any:
            arrived.release()
            while sock.recv(65536):
                pass
            raise ConnectionResetError

    server = serve(tls=Silent(ssl.PROTOCOL_TLS_SERVER))
    async with connect_few(server) as client:
        for number in range(2 * _PLACES):  # more than there are places: each must have come back
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.chat_stream(CONTEXT, QUESTION).collect)
                await anyio.to_thread.run_sync(arrived.acquire)
                tasks.cancel_scope.cancel()
            await server.closed(number)
