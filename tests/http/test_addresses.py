"""The address of a host that answers first is taken, and every other attempt is closed; blocking and on asyncio."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest

from gpo_client.http.errors import ConnectFailed, ConnectTimeout, HttpError
from gpo_client.http.network import asyncio as on_asyncio
from gpo_client.http.network import blocking, sockets
from gpo_client.http.options import Options, Origin

_HOST = "service.example.com"
_SECONDS = 20.0  # far more than anything here takes
_SERVICE = Origin("http", _HOST, 80)
Resolve = Callable[..., None]


@pytest.fixture(params=["sync", "asyncio"])
def runtime(request: pytest.FixtureRequest) -> str:
    """On trio anyio does it."""
    return str(request.param)


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Says which addresses the host has."""

    def have(*addresses: tuple[str, int]) -> None:
        real = socket.getaddrinfo

        def lookup(host: str, *rest: Any, **more: Any) -> Any:
            if host != _HOST:
                return real(host, *rest, **more)
            return [info for address in addresses for info in real(*address, type=socket.SOCK_STREAM)]

        monkeypatch.setattr(socket, "getaddrinfo", lookup)

    return have


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


async def _connect(runtime: str, origin: Origin = _SERVICE, timeout: float = _SECONDS) -> Any:
    """The address that a connection leads to."""
    if runtime == "sync":
        blocking_line = await anyio.to_thread.run_sync(
            blocking.sync_connect, origin, Options(), timeout, sockets.SyncOpening()
        )
        peer = blocking_line._socket.getpeername()
        blocking_line.close()
        return peer
    line = await on_asyncio.connect(origin, Options(), timeout)
    peer = line._socket.getpeername()
    line.close()
    await asyncio.sleep(0)
    return peer


async def test_the_only_one(runtime: str, resolve: Resolve, listener: socket.socket) -> None:
    """A name with one address."""
    resolve(listener.getsockname())
    assert await _connect(runtime) == listener.getsockname()


async def test_after_one_that_refuses(
    runtime: str, resolve: Resolve, listener: socket.socket, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next is tried at once."""
    for module in (sockets, on_asyncio):
        monkeypatch.setattr(module, "ATTEMPT_DELAY", 1e5)
    resolve(("::1", free_port), ("127.0.0.1", free_port), listener.getsockname())
    assert await _connect(runtime) == listener.getsockname()


async def test_beside_one_that_does_not_answer(
    runtime: str, resolve: Resolve, listener: socket.socket, deaf_address: tuple[str, int]
) -> None:
    """Nobody waits for it longer than a moment: it alone would take minutes."""
    resolve(deaf_address, listener.getsockname())
    assert await _connect(runtime) == listener.getsockname()


async def test_none_answers(runtime: str, resolve: Resolve, free_port: int) -> None:
    """The error is that of an attempt, not a group of errors."""
    resolve(("127.0.0.1", free_port), ("127.0.0.2", free_port))
    with pytest.raises(ConnectFailed) as caught:
        await _connect(runtime)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


async def test_none_answers_in_time(runtime: str, resolve: Resolve, deaf_address: tuple[str, int]) -> None:
    """One address or several."""
    for known in ((deaf_address,), (deaf_address, deaf_address)):
        resolve(*known)
        with pytest.raises(ConnectTimeout, match="does not answer"):
            await _connect(runtime, timeout=0.05)


@pytest.mark.parametrize("host", ["nowhere.invalid", "a..invalid", f"{'a' * 64}.invalid"])
async def test_unknown_name(runtime: str, host: str) -> None:
    """What the resolver says, whatever it raises."""
    with pytest.raises(ConnectFailed):
        await _connect(runtime, _SERVICE._replace(host=host))


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize("runtime", ["asyncio"])
async def test_no_thread_to_look_for_a_name(runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As asyncio says it where a process may start no more of them."""

    async def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", refuse)
    with pytest.raises(ConnectFailed, match="can't start new thread"):
        await _connect(runtime)


@pytest.mark.parametrize("turns", range(16))
@pytest.mark.parametrize("runtime", ["asyncio"])
async def test_cancelled_at_any_time(resolve: Resolve, listener: socket.socket, turns: int) -> None:
    """Every socket is closed, however far the attempts are."""
    resolve(listener.getsockname(), listener.getsockname())
    before = _descriptors()
    connecting = asyncio.create_task(on_asyncio.connect(_SERVICE, Options(), _SECONDS))
    for _ in range(turns):
        await asyncio.sleep(0)
    connecting.cancel()
    with suppress(asyncio.CancelledError, HttpError):
        (await connecting).close()
    for _ in range(4):
        await asyncio.sleep(0)
    assert _descriptors() == before
