"""The address of a host that answers first is taken, and every other attempt is closed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from gpo_client.transports import addresses
from gpo_client.transports.addresses import connect_socket

_HOST = "service.example.com"
Resolve = Callable[..., None]


@pytest.fixture(params=[pytest.param(("asyncio", {}), id="asyncio")])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, object]]:
    """These are of asyncio; trio has its own way."""
    backend: tuple[str, dict[str, object]] = request.param
    return backend


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


async def _connect() -> Any:
    async with asyncio.timeout(20):
        with await connect_socket(_HOST, 0, None) as connected:
            return connected.getpeername()


async def test_the_only_one(resolve: Resolve, listener: socket.socket) -> None:
    """A name with one address."""
    resolve(listener.getsockname())
    assert await _connect() == listener.getsockname()


async def test_after_one_that_refuses(
    resolve: Resolve, listener: socket.socket, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next is tried at once."""
    monkeypatch.setattr(addresses, "_CONNECTION_ATTEMPT_DELAY", 1e5)
    resolve(("::1", free_port), ("127.0.0.1", free_port), listener.getsockname())
    assert await _connect() == listener.getsockname()


async def test_beside_one_that_does_not_answer(
    resolve: Resolve, listener: socket.socket, deaf_address: tuple[str, int]
) -> None:
    """Nobody waits for it longer than a moment: it alone would take minutes."""
    resolve(deaf_address, listener.getsockname())
    assert await _connect() == listener.getsockname()


async def test_none_answers(resolve: Resolve, free_port: int) -> None:
    """The error is that of an attempt, not a group of errors."""
    resolve(("127.0.0.1", free_port), ("127.0.0.2", free_port))
    with pytest.raises(ConnectionRefusedError):
        await _connect()


async def test_unknown_name() -> None:
    """What the resolver says."""
    with pytest.raises(socket.gaierror):
        await connect_socket("nowhere.invalid", 80, None)


@pytest.mark.parametrize("turns", range(16))
async def test_cancelled_at_any_time(resolve: Resolve, listener: socket.socket, turns: int) -> None:
    """Every socket is closed, however far the attempts are."""
    resolve(listener.getsockname(), listener.getsockname())
    connecting = asyncio.create_task(connect_socket(_HOST, 0, None))
    for _ in range(turns):
        await asyncio.sleep(0)
    connecting.cancel()
    with suppress(asyncio.CancelledError):
        (await connecting).close()
