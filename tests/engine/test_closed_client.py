"""A client that is closed while calls are under way: each ends, with an error of ours."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest

from gpo_client import GPOCoreClient, SyncGPOCoreClient, UsageError
from gpo_client.drivers.requests import failure_of
from gpo_client.http.aio.exchange import PooledAsyncTransport
from gpo_client.http.errors import TransportClosed
from gpo_client.http.options import Limits, Options, address_of
from gpo_client.http.request import Request
from gpo_client.http.sync.exchange import PooledSyncTransport
from tests.client.conftest import Connect, Serve
from tests.http.conftest import deaf_address
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import Answer, End


@pytest.mark.parametrize("runtime", ["asyncio", "trio"], indirect=True)
async def test_calls_under_way(connect: Connect, serve: Serve) -> None:
    """They have been sent, and no answer has come."""
    server = serve(then=lambda _: Answer(framing="raw", end=End.STALL))
    errors: list[BaseException] = []

    async def ask(client: Any) -> None:
        try:
            await client.chat(CONTEXT, QUESTION)
        except Exception as error:  # noqa: BLE001 - whatever it is
            errors.append(error)

    with anyio.fail_after(20):
        async with connect(base_url=server.base_url, timeout=15) as client, anyio.create_task_group() as calls:
            for _ in range(3):
                calls.start_soon(ask, client)
            await server.requested(3)
            await client.aclose()
    assert [type(error) for error in errors] == [UsageError] * 3
    assert all("the client is closed" in str(error) for error in errors)


async def test_an_exchange_that_was_there_before_the_transport_was_closed(runtime: str) -> None:
    """It is not open yet: it cannot be opened any more, and says why; nor can another be had."""
    request, limits = Request("GET", address_of("http://127.0.0.1:9/"), {}), Limits(20.0, 20.0, 20.0)
    if runtime == "sync":
        blocking = PooledSyncTransport(Options())
        exchange = blocking.exchange(request)
        blocking.close()
        with pytest.raises(TransportClosed):
            exchange.open(limits)
        with pytest.raises(TransportClosed):
            blocking.exchange(request)
    else:
        transport = PooledAsyncTransport(Options())
        waiting = transport.exchange(request)
        await transport.aclose()
        with pytest.raises(TransportClosed):
            await waiting.open(limits)
        with pytest.raises(TransportClosed):
            transport.exchange(request)


def test_an_exchange_of_a_closed_transport() -> None:
    """It is no failure of the network, which would be tried again."""
    closed = TransportClosed("closed")
    with pytest.raises(UsageError, match="the client is closed") as caught:
        failure_of(closed)
    assert caught.value.__cause__ is closed


class _Foreign(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Raises something as it sends."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.then: Callable[[], None] = lambda: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.then()
        raise self.error


@pytest.mark.parametrize("error", [RuntimeError("foreign"), httpx.ReadError("foreign")])
def test_foreign_exceptions_of_a_closed_client(error: Exception) -> None:
    """Whatever the HTTP library raises then, it is that; what a program raises in an open one passes."""
    transport = _Foreign(error)
    http = httpx.Client(transport=transport)
    client = SyncGPOCoreClient(http_client=http, max_retries=0)
    if isinstance(error, RuntimeError):
        with pytest.raises(RuntimeError, match="foreign"):
            client.chat(CONTEXT, QUESTION)
    transport.then = http.close
    with pytest.raises(UsageError, match="the client is closed") as caught:
        client.chat(CONTEXT, QUESTION)
    assert error in _causes(caught.value)


def _causes(error: BaseException) -> Iterator[BaseException]:
    while (cause := error.__cause__) is not None:
        yield cause
        error = cause


# --- A client that is closed by another thread, task or loop ends what it waits for at once, whatever that is.

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
