"""Connections on asyncio's own transports: what httpcore expects of them, and nothing lost or left open."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing

import httpcore
import pytest

from gpo_client.transports.asyncio_streams import AsyncioStream, connect

_SECONDS = 20.0  # far more than anything here takes
_PIECE = b"x" * 65536
_TURNS = 50
_FAR_TOO_MUCH = 1 << 26


@pytest.fixture(params=[pytest.param(("asyncio", {}), id="asyncio")])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, object]]:
    """These are of asyncio; trio has httpcore's own."""
    backend: tuple[str, dict[str, object]] = request.param
    return backend


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server's socket that the tests accept connections from."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(_SECONDS)
        yield listening


@asynccontextmanager
async def connected(listener: socket.socket) -> AsyncIterator[tuple[AsyncioStream, socket.socket]]:
    """A connection and its other end."""
    stream = await connect(*_address(listener), timeout=_SECONDS)
    peer, _ = listener.accept()
    peer.settimeout(_SECONDS)
    with closing(peer):
        yield stream, peer
        await stream.aclose()


def _address(listener: socket.socket) -> tuple[str, int]:
    host, port = listener.getsockname()
    return host, port


async def test_reads_and_writes(listener: socket.socket) -> None:
    """Bytes go both ways; a read gives no more than was asked for, and loses nothing of the rest."""
    async with connected(listener) as (stream, peer):
        await stream.write(b"question", timeout=_SECONDS)
        assert peer.recv(100) == b"question"
        peer.sendall(b"answer")
        assert [await stream.read(4, _SECONDS), await stream.read(4, _SECONDS)] == [b"answ", b"er"]


async def test_the_end(listener: socket.socket) -> None:
    """What was sent before it is read before it; then there is nothing, as often as one asks."""
    async with connected(listener) as (stream, peer):
        peer.sendall(b"last")
        peer.shutdown(socket.SHUT_WR)
        assert [await stream.read(100, _SECONDS) for _ in range(3)] == [b"last", b"", b""]


async def test_a_reset(listener: socket.socket) -> None:
    """No honest end, and an error says so."""
    async with connected(listener) as (stream, peer):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        peer.close()
        with pytest.raises(httpcore.ReadError, match="reset"):
            await stream.read(100, _SECONDS)
        with pytest.raises(httpcore.WriteError):
            await stream.write(b"more", timeout=_SECONDS)


async def test_read_timeout(listener: socket.socket) -> None:
    """A wait ends, and the connection can be read afterwards."""
    async with connected(listener) as (stream, peer):
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(100, 0.01)
        peer.sendall(b"late")
        assert await stream.read(100, _SECONDS) == b"late"


async def test_nobody_takes_what_is_written(listener: socket.socket) -> None:
    """A write waits for the other side, within its limit."""
    async with connected(listener) as (stream, _):
        with pytest.raises(httpcore.WriteTimeout):
            await stream.write(_PIECE * 1000, timeout=0.05)  # more than the kernel's buffers take


async def test_a_large_body_is_written_whole(listener: socket.socket) -> None:
    """A write that has to wait goes on when there is room."""
    async with connected(listener) as (stream, peer):
        body = _PIECE * 160
        writing = asyncio.create_task(stream.write(body, timeout=_SECONDS))
        received = 0
        while received < len(body):
            received += len(await asyncio.to_thread(peer.recv, 1 << 20))
        await writing


async def test_a_slow_reader_makes_the_server_wait(listener: socket.socket) -> None:
    """What nobody has read yet is bounded, whatever the server sends; and nothing of it is lost."""
    async with connected(listener) as (stream, peer):
        peer.setblocking(False)
        sent = refused = 0
        while refused < _TURNS:
            assert sent < _FAR_TOO_MUCH, "nothing holds the server up"
            try:
                sent += peer.send(_PIECE)
                refused = 0
            except BlockingIOError:
                refused += 1
                await asyncio.sleep(0)  # a turn of the event loop, which would take more if it could
        received = 0
        while received < sent:
            received += len(await stream.read(1 << 20, _SECONDS))
        assert received == sent


async def test_closing_wakes_who_reads(listener: socket.socket) -> None:
    """A read under way ends with an error, not with what looks like the end of the answer."""
    async with connected(listener) as (stream, _):
        reading = asyncio.create_task(stream.read(100, _SECONDS))
        await asyncio.sleep(0)
        await stream.aclose()
        with pytest.raises(httpcore.ReadError, match="closed"):
            await reading


async def test_ended_reads(listener: socket.socket) -> None:
    """Reads that are ended from elsewhere get the end."""
    async with connected(listener) as (stream, _):
        reading = asyncio.create_task(stream.read(100, _SECONDS))
        await asyncio.sleep(0)
        stream.end_reads()
        assert [await reading, await stream.read(100, _SECONDS)] == [b"", b""]


async def test_dropped(listener: socket.socket) -> None:
    """A connection that nobody holds any more is closed without the garbage collector."""
    gc.disable()
    try:
        stream = await connect(*_address(listener), timeout=_SECONDS)
        with closing(listener.accept()[0]) as peer:
            peer.settimeout(_SECONDS)
            del stream
            assert await asyncio.to_thread(peer.recv, 1) == b""
    finally:
        gc.enable()


async def test_cancelled_read(listener: socket.socket) -> None:
    """A read that is cancelled takes nothing with it."""
    async with connected(listener) as (stream, peer):
        reading = asyncio.create_task(stream.read(100, _SECONDS))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        peer.sendall(b"later")
        assert await stream.read(100, _SECONDS) == b"later"


@pytest.mark.parametrize("turn", [False, True], ids=["not yet seen by the event loop", "seen"])
async def test_readable_when_the_server_has_closed(listener: socket.socket, turn: bool) -> None:
    """How httpcore learns that an idle connection is of no use."""
    async with connected(listener) as (stream, peer):
        assert not stream.get_extra_info("is_readable")
        peer.close()
        if turn:
            await stream.read(1, _SECONDS)
        assert stream.get_extra_info("is_readable")


async def test_what_is_known_of_it(listener: socket.socket) -> None:
    """Its addresses under httpcore's names."""
    async with connected(listener) as (stream, peer):
        assert stream.get_extra_info("server_addr") == listener.getsockname()
        assert stream.get_extra_info("client_addr") == peer.getpeername()
        assert stream.get_extra_info("ssl_object") is None


async def test_connecting_within_limits(deaf_address: tuple[str, int]) -> None:
    """An address that does not answer is given up."""
    with pytest.raises(httpcore.ConnectTimeout):
        await connect(*deaf_address, timeout=0.05)


async def test_nobody_listens(free_port: int) -> None:
    """An address that refuses."""
    with pytest.raises(httpcore.ConnectError):
        await connect("127.0.0.1", free_port, timeout=_SECONDS)


async def test_options_and_local_address(listener: socket.socket) -> None:
    """Both are heeded."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    stream = await connect(*_address(listener), _SECONDS, "127.0.0.1", options)
    assert stream.get_extra_info("socket").getsockopt(*options[0][:2]) == 1
    await stream.aclose()
