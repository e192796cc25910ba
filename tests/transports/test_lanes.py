"""Which connection serves a request, and what becomes of the others."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from types import FrameType
from typing import Any

import anyio
import pytest

from gpo_client import GPOClientError
from gpo_client.transports import default
from gpo_client.transports.free_lanes import FreeLanes
from tests.client.conftest import Serve
from tests.client.outcomes import Connect
from tests.client.scenarios import CONTEXT, QUESTION
from tests.support.events import answer_events, chat_response, json_answer, stream_answer
from tests.support.wire import Answer, End, Received

_OPEN = stream_answer(*answer_events("Mexico ")[:1], end=End.STALL)


def _whole(_: Received) -> Answer:
    return json_answer(chat_response())


async def _use_at_once(client: Any, gates: list[threading.Event]) -> None:
    """As many streams at a time as there are gates, whole, each on a connection of its own; left in order."""
    async with AsyncExitStack() as streams:
        opened = [await streams.enter_async_context(client.chat_stream(CONTEXT, QUESTION)) for _ in gates]
        for stream, gate in zip(opened, gates, strict=True):
            gate.set()
            await stream.collect()


def _gated(gates: list[threading.Event]) -> list[Answer]:
    """Streams that end when their gates open, with the end of the body at hand."""
    events = b"".join(answer_events("a"))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(events), events)
    return [Answer(framing="raw", pieces=[head, gate, body]) for gate in gates]


async def test_last_in_first_out(connect_once: Connect, serve: Serve) -> None:
    """The connection that was given back last serves next: it is the likeliest to be open still."""
    gates = [threading.Event() for _ in range(3)]
    server = serve(*_gated(gates), then=_whole)
    async with connect_once(base_url=server.base_url) as client:
        await _use_at_once(client, gates)
        for _ in range(3):
            await client.chat(CONTEXT, QUESTION)
    assert [request.connection for request in server.requests] == [0, 1, 2, 2, 2, 2]


async def test_stale_connections_are_closed(
    connect_once: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that have lain too long are closed as others are given back, the oldest first."""
    monkeypatch.setattr(default, "_KEEPALIVE_SECONDS", 0.0)
    gates = [threading.Event() for _ in range(3)]
    server = serve(*_gated(gates), then=_whole)
    async with connect_once(base_url=server.base_url) as client:
        await _use_at_once(client, gates)
        await client.chat(CONTEXT, QUESTION)
        await server.closed(0, 1, 2)
        assert len(client.__dict__.get("_blocking", client)._handle.get()._transport._pool._lanes) <= 1


async def test_idle_connection_closed_by_the_server(connect_once: Connect, serve: Serve) -> None:
    """The next request gets a new one, and nobody hears of it."""
    server = serve(then=_whole)
    async with connect_once(base_url=server.base_url) as client:
        for number in range(3):
            await client.chat(CONTEXT, QUESTION)
            server.connections[number].abort()
            await server.closed(number)
    assert [request.connection for request in server.requests] == [0, 1, 2]


async def test_closing_the_client_closes_idle_connections(connect_once: Connect, serve: Serve) -> None:
    """All of them."""
    gates = [threading.Event() for _ in range(3)]
    server = serve(*_gated(gates))
    async with connect_once(base_url=server.base_url) as client:
        await _use_at_once(client, gates)
        assert not any(connection.closed.is_set() for connection in server.connections)
    await server.closed(0, 1, 2)


async def test_closing_the_client_closes_connections_in_use(connect_once: Connect, serve: Serve) -> None:
    """Under streams that somebody holds half-read: they end, with an error of ours."""
    server = serve(*[_OPEN] * 3)
    client = connect_once(base_url=server.base_url)
    streams = [client.chat_stream(CONTEXT, QUESTION) for _ in range(3)]
    for stream in streams:
        await anext(aiter(stream))
    await client.aclose()
    await server.closed(0, 1, 2)
    for stream in streams:
        with pytest.raises(GPOClientError):
            await anext(aiter(stream))
        with suppress(GPOClientError):
            await stream.aclose()


def _calls(work: Callable[[], object]) -> int:
    """How many calls ``work`` makes, those of built-in functions included."""
    count = 0

    def note(_frame: FrameType, event: str, _arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("keep", [0.0, 1e9], ids=["all stale", "none stale"])
def test_checkout_takes_constant_time(keep: float) -> None:
    """Ten lanes or a thousand: a lane is taken and given back in the same few steps."""

    def round_trip(lanes: int) -> tuple[int, int]:
        free: FreeLanes[str] = FreeLanes(keep)
        for number in range(lanes):
            free._free.append((float(number), f"lane {number}"))
        looked_at = _Comparisons(1e6)
        return _calls(lambda: free.give(free.take() or "", looked_at)), looked_at.count

    assert round_trip(10) == round_trip(1_000)
    assert round_trip(1_000)[0] <= 10


class _Comparisons(float):
    """A time that counts how often another is taken from it."""

    count = 0

    def __sub__(self, other: float) -> float:
        self.count += 1
        return float(self) - other


@pytest.mark.parametrize("world", ["asyncio", "trio"])
async def test_request_takes_no_longer_with_many_idle_connections(connect_once: Connect, serve: Serve) -> None:
    """From the client's face to the wire and back, in calls: nothing looks at the lanes that lie idle."""

    async def calls_of_a_request(idle: int) -> int:
        gates = [threading.Event() for _ in range(idle)]
        server = serve(*_gated(gates), then=_whole)
        async with connect_once(base_url=server.base_url) as client:
            await _use_at_once(client, gates)
            pool = client._handle.get()._transport._pool
            request = pool.handle_async_request
            counts: list[int] = []

            async def counted(sent: Any) -> Any:
                free = pool._free
                counts.append(_calls(lambda: free.give(free.take(), 0.0)))
                return await request(sent)

            pool.handle_async_request = counted
            await client.chat(CONTEXT, QUESTION)
            assert len(pool._lanes) == idle
            return counts[0]

    assert await calls_of_a_request(2) == await calls_of_a_request(40)


async def test_free_lanes_in_threads() -> None:
    """A lane is nobody's or one thread's: never two at a time."""
    free: FreeLanes[int] = FreeLanes(1e9)
    for number in range(4):
        free.give(number, 0.0)
    taken_twice: list[int] = []
    users = [0] * 4

    def work() -> None:
        for _ in range(2_000):
            lane = free.take()
            if lane is not None:
                users[lane] += 1
                if users[lane] > 1:
                    taken_twice.append(lane)
                users[lane] -= 1
                free.give(lane, 0.0)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await anyio.to_thread.run_sync(thread.join)
    assert taken_twice == []
    assert sorted(lane for lane in iter(free.take, None)) == [0, 1, 2, 3]
