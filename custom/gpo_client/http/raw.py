"""Our exchanges as transports of httpx: what the generated client is given, which speaks httpx and nothing else.

The two classes implement the abstract ones that httpx documents for transports of one's own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx

from gpo_client.http.address import Origin, address_of
from gpo_client.http.errors import (
    ConnectFailed,
    ConnectTimeout,
    HttpError,
    PoolTimeout,
    ProtocolViolation,
    ProxyFailed,
    ReadTimeout,
)
from gpo_client.http.exchange import AsyncExchange, Head, Limits, Request, SyncExchange

_THEIRS: tuple[tuple[type[HttpError], type[httpx.TransportError]], ...] = (
    (ProxyFailed, httpx.ProxyError),
    (ConnectFailed, httpx.ConnectError),
    (ConnectTimeout, httpx.ConnectTimeout),
    (PoolTimeout, httpx.PoolTimeout),
    (ReadTimeout, httpx.ReadTimeout),
    (ProtocolViolation, httpx.RemoteProtocolError),
    (HttpError, httpx.ReadError),
)


class RawSyncTransport(httpx.BaseTransport):
    """For blocking clients. Closing it closes nothing: the connections are somebody else's.

    Args:
        transport: Gives exchanges.
        origin: Where they lead, whatever httpx believes.
    """

    def __init__(self, transport: Any, origin: Origin) -> None:
        self._transport = transport
        self._origin = origin

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """As httpx wants it."""
        body = _SyncBody(self._transport.exchange(_request(request, request.read(), self._origin)), request)
        return _response(body.open(), body)


class RawAsyncTransport(httpx.AsyncBaseTransport):
    """For asynchronous clients.

    Args:
        transport: Gives exchanges.
        origin: Where they lead, whatever httpx believes.
    """

    def __init__(self, transport: Any, origin: Origin) -> None:
        self._transport = transport
        self._origin = origin

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As httpx wants it."""
        body = _AsyncBody(self._transport.exchange(_request(request, await request.aread(), self._origin)), request)
        return _response(await body.open(), body)


class _SyncBody(httpx.SyncByteStream):
    def __init__(self, exchange: SyncExchange, request: httpx.Request) -> None:
        self._exchange = exchange
        self._limits, self._read = _limits(request)

    def open(self) -> Head:
        try:
            return self._exchange.open(self._limits)
        except HttpError as error:
            raise _error(error) from error

    def __iter__(self) -> Iterator[bytes]:
        try:
            while data := self._exchange.read(self._read):
                yield data
        except HttpError as error:
            raise _error(error) from error

    def close(self) -> None:
        self._exchange.close()


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(self, exchange: AsyncExchange, request: httpx.Request) -> None:
        self._exchange = exchange
        self._limits, self._read = _limits(request)

    async def open(self) -> Head:
        try:
            return await self._exchange.open(self._limits)
        except HttpError as error:
            raise _error(error) from error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while data := await self._exchange.read(self._read):
                yield data
        except HttpError as error:
            raise _error(error) from error

    async def aclose(self) -> None:
        await self._exchange.aclose()


def _request(request: httpx.Request, body: bytes, origin: Origin) -> Request:
    headers = {name.decode("ascii"): value.decode("latin-1") for name, value in request.headers.raw}
    address = address_of(str(request.url))
    if origin.socket:
        address = address._replace(origin=origin)
    return Request(request.method, address, headers, body, request.method != "POST")


def _response(head: Head, body: _SyncBody | _AsyncBody) -> httpx.Response:
    version = {"http_version": f"HTTP/{head.version}".encode("ascii")}
    return httpx.Response(head.status, headers=list(head.fields), stream=body, extensions=version)


def _limits(request: httpx.Request) -> tuple[Limits, float | None]:
    timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
    return Limits(timeouts.get("connect"), timeouts.get("pool"), timeouts.get("read")), timeouts.get("read")


def _error(error: HttpError) -> httpx.TransportError:
    return next(theirs for ours, theirs in _THEIRS if isinstance(error, ours))(str(error))
