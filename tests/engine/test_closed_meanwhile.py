"""A client that is closed by another thread, task or loop ends what it waits for at once, whatever that is."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import pytest

from gpo_client import GPOCoreClient, SyncGPOCoreClient, UsageError
from tests.client.conftest import Serve
from tests.client.scenarios import CONTEXT, QUESTION
from tests.http.conftest import deaf_address
from tests.support.wire import Answer, End

__all__ = ["deaf_address"]

# Longer than anything takes on a busy machine, and far shorter than what is waited for.
_PATIENCE_S = 20.0
_FOR_EVER = {"timeout": 500.0, "connect_timeout": 500.0, "stream_total_timeout": 500.0, "retry_backoff_factor": 500.0}


class Calls:
    """Calls of one client under way, each in a thread, on a loop of its own unless it blocks."""

    def __init__(self, runtime: str, **options: Any) -> None:
        self._runtime = runtime
        self.retried = threading.Event()
        kind: Any = SyncGPOCoreClient if runtime == "sync" else GPOCoreClient
        self.client = kind(**{**_FOR_EVER, **options}, on_retry=lambda _: self.retried.set())
        self.errors: list[BaseException] = []
        self._threads: list[threading.Thread] = []

    def begin(self, how: str) -> None:
        """Ask, and keep what that raises."""
        waiting = partial(anyio.run, partial(self._awaiting, how), backend=self._runtime)
        ask = partial(self._blocking, how) if self._runtime == "sync" else waiting
        thread = threading.Thread(target=self._noting, args=(ask,), daemon=True)
        thread.start()
        self._threads.append(thread)

    def close(self) -> None:
        """Close the client, here or on another loop, and wait for the calls."""
        if self._runtime == "sync":
            self.client.close()
        else:
            anyio.run(self.client.aclose, backend=self._runtime)
        for thread in self._threads:
            thread.join(_PATIENCE_S)
            assert not thread.is_alive()

    def is_connecting(self) -> bool:
        """Whether a connection is being made."""
        return any(pool._openings for pool in tuple(self.client._handle.get().own._pools.values()))

    def _noting(self, ask: Callable[[], object]) -> None:
        try:
            ask()
        except BaseException as error:  # noqa: BLE001 - whatever it is
            self.errors.append(error)

    def _blocking(self, how: str) -> None:
        if how == "raw":
            self.client.raw.get_httpx_client().get("/", timeout=500.0)
        elif how == "stream":
            self.client.chat_stream(CONTEXT, QUESTION).collect()
        else:
            self.client.chat(CONTEXT, QUESTION)

    async def _awaiting(self, how: str) -> None:
        if how == "raw":
            await self.client.raw.get_async_httpx_client().get("/", timeout=500.0)
        elif how == "stream":
            await self.client.chat_stream(CONTEXT, QUESTION).collect()
        else:
            await self.client.chat(CONTEXT, QUESTION)


def _until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(int(_PATIENCE_S / 0.005)):
        if condition():
            return
        pause.wait(0.005)
    raise AssertionError("it never comes to that")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(_PATIENCE_S)
        yield listening


def _check(calls: Calls, number: int = 1) -> None:
    assert [type(error) for error in calls.errors] == [UsageError] * number, calls.errors
    assert all("the client is closed" in str(error) for error in calls.errors)


@pytest.mark.parametrize("how", ["call", "stream"])
def test_connecting(how: str, runtime: str, deaf_address: tuple[str, int]) -> None:
    """Nobody answers."""
    calls = Calls(runtime, base_url=f"http://127.0.0.1:{deaf_address[1]}")
    calls.begin(how)
    _until(calls.is_connecting)
    calls.close()
    _check(calls)


def test_connecting_to_several_addresses(
    runtime: str, deaf_address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of them answers."""
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: real(*deaf_address, type=socket.SOCK_STREAM) * 3)
    calls = Calls(runtime, base_url=f"http://service.example.com:{deaf_address[1]}", allow_insecure_http=True)
    calls.begin("call")
    _until(calls.is_connecting)
    calls.close()
    _check(calls)


@pytest.mark.parametrize("through", [None, "http", "socks5h"])
def test_shaking_hands(through: str | None, runtime: str, listener: socket.socket) -> None:
    """A server, or a proxy, that takes connections and says nothing."""
    port = listener.getsockname()[1]
    proxy = f"{through}://127.0.0.1:{port}" if through else None
    host = "service.example.com" if through else f"127.0.0.1:{port}"
    calls = Calls(runtime, base_url=f"https://{host}", proxy=proxy)
    calls.begin("call")
    with listener.accept()[0] as accepted:
        accepted.settimeout(_PATIENCE_S)
        assert accepted.recv(1)
        calls.close()
    _check(calls)


@pytest.mark.parametrize("how", ["call", "stream"])
async def test_waiting_before_a_retry(how: str, runtime: str, serve: Serve) -> None:
    """It would be sent again in half a minute."""
    calls = Calls(
        runtime,
        base_url=serve(then=lambda _: Answer(status=503, headers={"Retry-After": "30"}, framing="length")).base_url,
    )
    calls.begin(how)
    assert await anyio.to_thread.run_sync(calls.retried.wait, _PATIENCE_S)
    await anyio.to_thread.run_sync(calls.close)
    _check(calls)


async def test_waiting_for_a_place_and_for_a_head(runtime: str, serve: Serve) -> None:
    """One has the only place; which, nobody knows."""
    server = serve(then=lambda _: Answer(framing="raw", end=End.STALL))
    calls = Calls(runtime, base_url=server.base_url, max_connections=1)
    for _ in range(3):
        calls.begin("call")
    await server.requested(1)
    await anyio.to_thread.run_sync(calls.close)
    _check(calls, 3)


def test_raw(runtime: str, deaf_address: tuple[str, int]) -> None:
    """The generated client has errors of its own."""
    calls = Calls(runtime, base_url=f"http://127.0.0.1:{deaf_address[1]}")
    calls.begin("raw")
    _until(calls.is_connecting)
    calls.close()
    assert len(calls.errors) == 1
    assert type(calls.errors[0]).__name__ == "ReadError"
