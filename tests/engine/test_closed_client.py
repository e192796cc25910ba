"""A client that is closed while calls are under way: each ends, with an error of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import anyio
import httpx
import pytest

from gpo_client import SyncGPOCoreClient, UsageError
from gpo_client.drivers.requests import failure_of
from gpo_client.http.aio.exchange import PooledAsyncTransport
from gpo_client.http.errors import TransportClosed
from gpo_client.http.options import Limits, Options, address_of
from gpo_client.http.request import Request
from gpo_client.http.sync.exchange import PooledSyncTransport
from tests.client.conftest import Connect, Serve
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
    """It is not open yet: it cannot be opened any more, and says why."""
    request, limits = Request("GET", address_of("http://127.0.0.1:9/"), {}), Limits(20.0, 20.0, 20.0)
    if runtime == "sync":
        blocking = PooledSyncTransport(Options())
        exchange = blocking.exchange(request)
        blocking.close()
        with pytest.raises(TransportClosed):
            exchange.open(limits)
    else:
        transport = PooledAsyncTransport(Options())
        waiting = transport.exchange(request)
        await transport.aclose()
        with pytest.raises(TransportClosed):
            await waiting.open(limits)


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
