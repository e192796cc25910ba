"""Lines on asyncio's own transports: nothing lost, nothing left open, nothing unbounded."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing

import pytest

from gpo_client.http.errors import ConnectFailed, ConnectionBroken, ConnectTimeout, ReadTimeout
from gpo_client.http.network.asyncio import AsyncioLine, connect
from gpo_client.http.options import Options, Origin

_SECONDS = 20.0  # far more than anything here takes
_PIECE = b"x" * 65536
_TURNS = 50
_FAR_TOO_MUCH = 1 << 26


@pytest.fixture(params=[pytest.param(("asyncio", {}), id="asyncio")])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, object]]:
    """These are of asyncio; trio has anyio's."""
    backend: tuple[str, dict[str, object]] = request.param
    return backend


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server's socket that the tests accept connections from."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(_SECONDS)
        yield listening


@asynccontextmanager
async def connected(listener: socket.socket) -> AsyncIterator[tuple[AsyncioLine, socket.socket]]:
    """A connection and its other end."""
    line = await connect(_origin(listener), Options(), _SECONDS)
    peer, _ = listener.accept()
    peer.settimeout(_SECONDS)
    with closing(peer):
        yield line, peer
        line.close()
        await asyncio.sleep(0)


def _origin(listener: socket.socket) -> Origin:
    host, port = listener.getsockname()
    return Origin("http", host, port)


async def test_reads_and_writes(listener: socket.socket) -> None:
    """Bytes go both ways; a read gives all that has come."""
    async with connected(listener) as (line, peer):
        await line.write(b"question", _SECONDS)
        assert peer.recv(100) == b"question"
        peer.sendall(b"answer")
        assert await line.read(_SECONDS) == b"answer"


async def test_the_end(listener: socket.socket) -> None:
    """What was sent before it is read before it; then there is nothing, as often as one asks."""
    async with connected(listener) as (line, peer):
        peer.sendall(b"last")
        peer.shutdown(socket.SHUT_WR)
        assert [await line.read(_SECONDS) for _ in range(3)] == [b"last", b"", b""]


async def test_a_reset(listener: socket.socket) -> None:
    """No honest end, and an error says so."""
    async with connected(listener) as (line, peer):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        peer.close()
        with pytest.raises(ConnectionBroken, match="reset"):
            await line.read(_SECONDS)
        with pytest.raises(ConnectionBroken):
            await line.write(b"more", _SECONDS)


async def test_read_timeout(listener: socket.socket) -> None:
    """A wait ends, and the connection can be read afterwards."""
    async with connected(listener) as (line, peer):
        with pytest.raises(ReadTimeout):
            await line.read(0.01)
        peer.sendall(b"late")
        assert await line.read(_SECONDS) == b"late"


async def test_nobody_takes_what_is_written(listener: socket.socket) -> None:
    """A write waits for the other side, within its limit."""
    async with connected(listener) as (line, _):
        with pytest.raises(ReadTimeout):
            await line.write(_PIECE * 1000, 0.05)  # more than the kernel's buffers take


async def test_a_large_body_is_written_whole(listener: socket.socket) -> None:
    """A write that has to wait goes on when there is room."""
    async with connected(listener) as (line, peer):
        body = _PIECE * 160
        writing = asyncio.create_task(line.write(body, _SECONDS))
        received = 0
        while received < len(body):
            received += len(await asyncio.to_thread(peer.recv, 1 << 20))
        await writing


async def test_a_slow_reader_makes_the_server_wait(listener: socket.socket) -> None:
    """What nobody has read yet is bounded, whatever the server sends; and nothing of it is lost."""
    async with connected(listener) as (line, peer):
        peer.setblocking(False)
        sent, refused = peer.send(b"x"), 0
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        while refused < _TURNS:
            assert sent < _FAR_TOO_MUCH, "nothing holds the server up"
            try:
                sent += peer.send(_PIECE)
                refused = 0
            except BlockingIOError:
                refused += 1
                await asyncio.sleep(0)  # a turn of the event loop, which would take more if it could
        pieces: list[int] = []
        while sum(pieces) < sent:
            pieces.append(len(await line.read(_SECONDS)))
        assert sum(pieces) == sent
        assert max(pieces) <= len(_PIECE), "more than is decoded in one step"


async def test_what_small_reads_held_is_kept(listener: socket.socket) -> None:
    """All lines share a buffer: what has come on one is not written over by what comes on another."""
    async with connected(listener) as (line, peer), connected(listener) as (other, its_peer):
        for number in range(3):
            peer.sendall(b"%d" % number)
            its_peer.sendall(b"!" * 100)
            for _ in range(_TURNS):
                await asyncio.sleep(0)
        for reader, expected in ((line, b"012"), (other, b"!" * 300)):
            received = b""
            while len(received) < len(expected):
                received += await reader.read(_SECONDS)
            assert received == expected


async def test_closing_wakes_who_reads(listener: socket.socket) -> None:
    """A read under way ends with an error, not with what looks like the end of the answer."""
    async with connected(listener) as (line, _):
        reading = asyncio.create_task(line.read(_SECONDS))
        await asyncio.sleep(0)
        line.close()
        with pytest.raises(ConnectionBroken, match="closed"):
            await reading


async def test_ended_reads(listener: socket.socket) -> None:
    """Reads that are ended from elsewhere get the end."""
    async with connected(listener) as (line, _):
        reading = asyncio.create_task(line.read(_SECONDS))
        await asyncio.sleep(0)
        line.interrupt()
        assert [await reading, await line.read(_SECONDS)] == [b"", b""]


async def test_dropped_in_another_thread(listener: socket.socket) -> None:
    """A destructor may run anywhere."""
    line = await connect(_origin(listener), Options(), _SECONDS)
    with closing(listener.accept()[0]) as peer:
        peer.settimeout(_SECONDS)
        await asyncio.to_thread(line.drop)
        assert await asyncio.to_thread(peer.recv, 1) == b""


async def test_cancelled_read(listener: socket.socket) -> None:
    """A read that is cancelled takes nothing with it."""
    async with connected(listener) as (line, peer):
        reading = asyncio.create_task(line.read(_SECONDS))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        peer.sendall(b"later")
        assert await line.read(_SECONDS) == b"later"


@pytest.mark.parametrize("turn", [False, True], ids=["not yet seen by the event loop", "seen"])
@pytest.mark.parametrize("sent", [b"", b"x"], ids=["the end", "a byte"])
async def test_quiet(listener: socket.socket, turn: bool, sent: bytes) -> None:
    """An idle connection that has anything to say is of no use."""
    async with connected(listener) as (line, peer):
        assert line.is_quiet()
        peer.sendall(sent)
        if not sent:
            peer.shutdown(socket.SHUT_WR)
        if turn:
            assert await line.read(_SECONDS) == sent
            if sent:
                peer.sendall(sent)
        assert not line.is_quiet()


async def test_a_machine_that_slept(listener: socket.socket) -> None:
    """Bytes that are there beat the timer, though it fires first."""
    async with connected(listener) as (line, peer):
        reading = asyncio.create_task(line.read(60.0))
        await asyncio.sleep(0)
        peer.sendall(b"here")
        line._deadline = 0.0
        line._look()
        assert await reading == b"here"


async def test_one_timer_for_many_reads(listener: socket.socket) -> None:
    """A wait within a limit that is not nearer than the one before sets no timer of its own."""
    async with connected(listener) as (line, peer):
        for _ in range(3):
            reading = asyncio.create_task(line.read(_SECONDS))
            await asyncio.sleep(0)
            timer = line._timer
            peer.sendall(b"x")
            assert await reading == b"x"
            assert line._timer is timer is not None
        with pytest.raises(ReadTimeout):
            await line.read(0.01)


async def test_connecting_within_limits(deaf_address: tuple[str, int]) -> None:
    """An address that does not answer is given up."""
    with pytest.raises(ConnectTimeout):
        await connect(Origin("http", *deaf_address), Options(), 0.05)


async def test_nobody_listens(free_port: int) -> None:
    """An address that refuses."""
    with pytest.raises(ConnectFailed):
        await connect(Origin("http", "127.0.0.1", free_port), Options(), _SECONDS)


@pytest.mark.parametrize("seconds", [None, 7.0])
async def test_keepalive(listener: socket.socket, seconds: float | None) -> None:
    """The system asks whether a silent peer is there, when it is told to."""
    line = await connect(_origin(listener), Options(tcp_keepalive=seconds), _SECONDS)
    asked = line._socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    after = line._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
    assert (bool(asked), after == 7) == (seconds is not None, seconds is not None)
    line.close()
    await asyncio.sleep(0)
