"""A slow consumer stops the reading, and so the server."""

from __future__ import annotations

import select
import threading
from contextvars import ContextVar
from typing import Any

import anyio.to_thread
import pytest

from gpo_client import GPOConnectionError
from gpo_client.concurrency import background
from tests.client.conftest import Connect, Serve
from tests.streams.readers import happens
from tests.support.events import answer_events, chunk, final, sse, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import End, WireServer

_SIZE, _COUNT = 250_000, 256  # bytes, chunks: 64 MB
# What the sockets of both sides hold at most, however far the system lets them grow.
_NETWORK = 24_000_000


async def _sent(server: WireServer) -> int:
    """The bytes that the network took before it took no more."""

    def wait() -> int:
        connection = server.connections[0]
        while connection.sent < _SIZE * _COUNT and select.select([], [connection._socket], [], 0.3)[1]:
            pass
        return connection.sent

    return await anyio.to_thread.run_sync(wait)


def _long_answer(serve: Serve) -> WireServer:
    return serve(stream_answer(*[sse(chunk("x" * _SIZE))] * _COUNT, end=End.STALL))


@pytest.mark.parametrize(
    ("limits", "chunks"), [({"max_chunks": 80, "max_bytes": 10**9}, 80), ({"max_bytes": 20_000_000}, 64)], ids=str
)
async def test_a_full_buffer_stops_the_server(
    limits: dict[str, int], chunks: int, connect_once: Connect, serve: Serve
) -> None:
    """Read ahead is what the buffer holds, by the first of its limits; taking some lets the server go on."""
    server = _long_answer(serve)
    paused = threading.Event()
    async with (
        connect_once(base_url=server.base_url) as client,
        client.chat_stream(CONTEXT, QUESTION).buffered(**limits, on_pause=paused.set) as stream,
    ):
        await happens(paused)
        first = await _sent(server)
        assert chunks * _SIZE <= first < (chunks + 1) * _SIZE + _NETWORK
        assert (stream.stats.buffered, stream.stats.peak, stream.stats.pauses) == (chunks, chunks, 1)
        paused.clear()
        for _ in range(chunks // 2):
            await anext(stream)
        await happens(paused)
        assert await _sent(server) >= first
        assert stream.stats.pauses == 2
        assert stream.stats.waited > 0


async def test_pausing_and_going_on(connect_once: Connect, serve: Serve) -> None:
    """Reading pauses at the limit, goes on below ``low``, and says so each time."""
    events = answer_events(*"abcdefgh")
    paused, resumed, said = threading.Event(), threading.Event(), list[str]()

    def on_pause() -> None:
        said.append("pause")
        paused.set()

    def on_resume() -> None:
        said.append("resume")
        resumed.set()

    server = serve(stream_answer(b"".join(events[:4]), resumed, b"".join(events[4:])))
    async with connect_once(base_url=server.base_url) as client:
        raw = client.chat_stream(CONTEXT, QUESTION)
        async with raw.buffered(max_chunks=4, low=0.5, on_pause=on_pause, on_resume=on_resume) as stream:
            await happens(paused)
            assert said == ["pause"]
            assert (stream.stats.buffered, stream.stats.peak, stream.stats.pauses) == (4, 4, 1)
            assert stream.stats == raw.stats
            assert stream.progress_now.chunks == 4
            for _ in range(2):
                await anext(stream)  # two are left: not below 0.5 of four
            assert said == ["pause"]
            await anext(stream)
            await happens(resumed)
            assert "".join([part.content or "" async for part in stream]) == "defgh"
        assert said[:2] == ["pause", "resume"]
        assert stream.stats.buffered == 0
        assert stream.stats.waited > 0
        assert stream.stats.pauses == said.count("pause") == said.count("resume")


async def test_a_consumer_faster_than_the_server(connect_once: Connect, serve: Serve) -> None:
    """Each chunk is there at once, nothing is ever held, and nothing pauses."""
    gates = [threading.Event() for _ in range(5)]
    pieces: list[Any] = []
    for gate in gates:
        pieces += [sse(chunk("x")), gate]
    async with connect_once(base_url=serve(stream_answer(*pieces, sse(final()))).base_url) as client:
        async with client.chat_stream(CONTEXT, QUESTION).buffered() as stream:
            for gate in gates:
                assert (await anext(stream)).content == "x"
                gate.set()
            assert (await anext(stream)).is_complete
        assert (stream.stats.peak, stream.stats.pauses, stream.stats.waited) == (1, 0, 0)


async def test_callbacks_see_the_variables_of_their_caller(connect_once: Connect, serve: Serve) -> None:
    """Context variables, such as those of tracing, are the same in the background."""
    variable: ContextVar[str] = ContextVar("variable", default="unset")
    variable.set("mine")
    seen, paused = list[str](), threading.Event()

    def on_pause() -> None:
        seen.append(variable.get())
        paused.set()

    server = serve(stream_answer(*answer_events("a", "b")))
    async with (
        connect_once(base_url=server.base_url) as client,
        client.chat_stream(CONTEXT, QUESTION).buffered(max_chunks=1, on_pause=on_pause),
    ):
        await happens(paused)
    assert set(seen) == {"mine"}


@pytest.mark.parametrize("way", ["buffered", "batched", "tee"])
@pytest.mark.parametrize("runtime", ["sync"])
async def test_no_thread_to_be_had(
    way: str, connect_once: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that may start no more of them is told what to do."""

    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(background, "_started", refuse)
    server = serve(stream_answer(*answer_events("a")))
    async with connect_once(base_url=server.base_url) as client:
        stream = getattr(client.chat_stream(CONTEXT, QUESTION), way)()
        with pytest.raises(GPOConnectionError, match=r"can't start new thread.*ulimit -u.*iterate the stream itself"):
            await (stream[0] if way == "tee" else stream).collect()
