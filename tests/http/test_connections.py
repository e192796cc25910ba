"""Which connection serves a request, and what becomes of the others."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from types import FrameType
from typing import Any

import anyio
import pytest

from gpo_client import GPOClientError
from gpo_client.client import connections
from gpo_client.http.errors import PoolTimeout
from gpo_client.http.options import Origin
from gpo_client.http.places import AsyncPlaces, Idle, SyncPlaces
from tests.client.conftest import Connect, Serve
from tests.support.counting import without_collector
from tests.support.events import answer_events, chat_response, json_answer, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import Answer, End, Received

_ORIGIN = Origin("http", "gpo.example.com", 80)
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
    monkeypatch.setattr(connections, "KEEP_IDLE", 0.0)
    gates = [threading.Event() for _ in range(3)]
    server = serve(*_gated(gates), then=_whole)
    async with connect_once(base_url=server.base_url) as client:
        await _use_at_once(client, gates)
        await client.chat(CONTEXT, QUESTION)
        await server.closed(0, 1, 2)


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
    with without_collector():
        sys.setprofile(note)
        try:
            work()
        finally:
            sys.setprofile(before)
    return count


@pytest.mark.parametrize("keep", [0.0, 1e9], ids=["all stale", "none stale"])
def test_checkout_takes_constant_time(keep: float) -> None:
    """Ten connections or a thousand: one is taken and given back in the same few steps."""

    def round_trip(number: int) -> tuple[int, int]:
        idle: Idle[str] = Idle(1e9)
        for each in range(number):
            idle.give(_ORIGIN, f"connection {each}", float(each))
        idle.keep = keep
        looked_at = _Comparisons(1e6)

        def take_and_give() -> None:
            if (found := idle.take(_ORIGIN)) is not None:
                idle.give(_ORIGIN, found[1], looked_at)

        return _calls(take_and_give), looked_at.count

    assert round_trip(10) == round_trip(1_000)
    assert round_trip(1_000)[0] <= 12


class _Comparisons(float):
    """A time that counts how often another is taken from it."""

    count = 0

    def __sub__(self, other: float) -> float:
        self.count += 1
        return float(self) - other


@pytest.mark.parametrize("runtime", ["asyncio", "trio"])
async def test_request_takes_no_longer_with_many_idle_connections(connect_once: Connect, serve: Serve) -> None:
    """From the client's face to the wire and back, in calls: nothing looks at the connections that lie idle."""

    async def calls_of_a_request(idle: int) -> list[str]:
        gates = [threading.Event() for _ in range(idle)]
        server = serve(*_gated(gates), then=_whole)
        async with connect_once(base_url=server.base_url) as client:
            await _use_at_once(client, gates)
            await client.chat(CONTEXT, QUESTION)
            with _calls_of(Idle) as calls:
                await client.chat(CONTEXT, QUESTION)
        return calls

    assert await calls_of_a_request(2) == await calls_of_a_request(40) == ["take", "give"]


@contextmanager
def _calls_of(kind: type) -> Iterator[list[str]]:
    """The calls of one class's methods, in order."""
    calls: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for name in ("take", "give"):
            patch.setattr(kind, name, _noting(getattr(kind, name), calls, name))
        yield calls


def _noting(method: Callable[..., Any], calls: list[str], name: str) -> Callable[..., Any]:
    def note(*args: Any) -> Any:
        calls.append(name)
        return method(*args)

    return note


async def test_idle_connections_in_threads() -> None:
    """A connection is nobody's or one thread's: never two at a time."""
    idle: Idle[int] = Idle(1e9)
    for number in range(4):
        idle.give(_ORIGIN, number, 0.0)
    taken_twice: list[int] = []
    users = [0] * 4

    def work() -> None:
        for _ in range(2_000):
            if (found := idle.take(_ORIGIN)) is not None:
                _, connection = found
                users[connection] += 1
                if users[connection] > 1:
                    taken_twice.append(connection)
                users[connection] -= 1
                idle.give(_ORIGIN, connection, 0.0)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await anyio.to_thread.run_sync(thread.join)
    assert taken_twice == []
    assert sorted(found[1] for found in iter(lambda: idle.take(_ORIGIN), None) if found) == [0, 1, 2, 3]


def test_idle_connections_lead_where_they_led() -> None:
    """One to another origin never serves, be it only another port or scheme."""
    idle: Idle[str] = Idle(1e9)
    idle.give(_ORIGIN, "mine", 0.0)
    for other in (_ORIGIN._replace(port=81), _ORIGIN._replace(scheme="https"), _ORIGIN._replace(host="a.example.com")):
        assert idle.take(other) is None
    assert idle.take(_ORIGIN) == (0.0, "mine")


def test_the_oldest_is_handed_out_when_it_is_too_old() -> None:
    """One at a time, as others are given back; what has lain for just as long as it may still serves."""
    idle: Idle[str] = Idle(4.0)
    given = [("a", 0.0), ("b", 2.0), ("c", 4.0), ("d", 8.5), ("e", 8.5)]
    assert [idle.give(_ORIGIN, connection, now) for connection, now in given] == [None, None, None, "a", "b"]
    assert [idle.take(_ORIGIN) for _ in range(4)] == [(8.5, "e"), (8.5, "d"), (4.0, "c"), None]
    assert idle.give(_ORIGIN, "f", 99.0) is None


async def test_places(runtime: str) -> None:
    """As many as there are; one is given back once, and one more is let in when all is over."""
    places = SyncPlaces(2) if runtime == "sync" else AsyncPlaces(2)

    async def take(held: list[None], timeout: float | None) -> None:
        if isinstance(places, AsyncPlaces):
            await places.take(timeout, held)
        else:
            places.take(timeout, held)

    async def free() -> int:
        taken: list[None] = []
        with suppress(PoolTimeout):
            while True:
                await take(taken, 0.001)
        count = len(taken)
        for _ in range(count):
            places.leave(taken)
        return count

    assert [await free(), await free()] == [2, 2]
    held: list[None] = []
    await take(held, None)
    assert (held, await free()) == ([None], 1)
    other: list[None] = []
    await take(other, None)
    with pytest.raises(PoolTimeout, match=r"^all connections are in use$") as caught:
        await take(other, 0.001)
    assert isinstance(caught.value.__cause__, queue.Empty if runtime == "sync" else TimeoutError)
    places.leave(other)
    places.leave(held)
    places.leave(held)
    assert (held, await free()) == ([], 2)
    places.add()
    assert await free() == 3


def test_a_thread_waits_for_a_place() -> None:
    """Until another gives one back."""
    places, is_about = SyncPlaces(1), threading.Event()
    held: list[None] = []
    waiting: list[None] = []
    places.take(None, held)

    def wait() -> None:
        is_about.set()
        places.take(60.0, waiting)

    thread = threading.Thread(target=wait)
    thread.start()
    is_about.wait()
    places.leave(held)
    thread.join()
    assert (held, waiting) == ([], [None])
