"""Our exchanges as transports of httpx or httpx2: what the generated client is given, which speaks one of the two.

Ours are made classes of the abstract ones that either documents for transports of one's own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Any

from gpo_client.http.exchange import (
    AsyncExchange,
    ConnectFailed,
    ConnectTimeout,
    Head,
    HttpError,
    Limits,
    PoolTimeout,
    ProtocolViolation,
    ProxyFailed,
    ReadTimeout,
    Request,
    SyncExchange,
)
from gpo_client.http.options import Origin, address_of

_THEIRS: tuple[tuple[type[HttpError], str], ...] = (
    (ProxyFailed, "ProxyError"),
    (ConnectFailed, "ConnectError"),
    (ConnectTimeout, "ConnectTimeout"),
    (PoolTimeout, "PoolTimeout"),
    (ReadTimeout, "ReadTimeout"),
    (ProtocolViolation, "RemoteProtocolError"),
    (HttpError, "ReadError"),
)


def raw_sync_transport(library: Any, transport: Any, origin: Origin) -> Any:
    """Return a transport for blocking clients of a library.

    Closing it closes nothing: the connections are somebody else's.

    Args:
        library: The module ``httpx`` or ``httpx2``.
        transport: Gives exchanges.
        origin: Where they lead, whatever the library believes.
    """
    return _derived(_SyncTransport, library.BaseTransport)(library, transport, origin)


def raw_async_transport(library: Any, transport: Any, origin: Origin) -> Any:
    """Return the same for asynchronous clients."""
    return _derived(_AsyncTransport, library.AsyncBaseTransport)(library, transport, origin)


@cache
def _derived(kind: type, base: type) -> Any:
    return type(kind.__name__, (kind, base), {})


class _Transport:
    def __init__(self, library: Any, transport: Any, origin: Origin) -> None:
        self._library = library
        self._transport = transport
        self._origin = origin

    def _exchange(self, request: Any, body: bytes) -> Any:
        headers = {name.decode("ascii"): value.decode("latin-1") for name, value in request.headers.raw}
        address = address_of(str(request.url))
        if self._origin.socket:
            address = address._replace(origin=self._origin)
        return self._transport.exchange(Request(request.method, address, headers, body, request.method != "POST"))

    def _response(self, head: Head, body: _Body) -> Any:
        version = {"http_version": f"HTTP/{head.version}".encode("ascii")}
        return self._library.Response(head.status, headers=list(head.fields), stream=body, extensions=version)


class _SyncTransport(_Transport):
    def handle_request(self, request: Any) -> Any:
        kind = _derived(_SyncBody, self._library.SyncByteStream)
        body = kind(self._library, self._exchange(request, request.read()), request)
        return self._response(body.open(), body)


class _AsyncTransport(_Transport):
    async def handle_async_request(self, request: Any) -> Any:
        kind = _derived(_AsyncBody, self._library.AsyncByteStream)
        body = kind(self._library, self._exchange(request, await request.aread()), request)
        return self._response(await body.open(), body)


class _Body:
    def __init__(self, library: Any, exchange: Any, request: Any) -> None:
        self._library, self._exchange = library, exchange
        timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
        self._read = timeouts.get("read")
        self._limits = Limits(timeouts.get("connect"), timeouts.get("pool"), self._read)

    def _error(self, error: HttpError) -> Exception:
        name = next(theirs for ours, theirs in _THEIRS if isinstance(error, ours))
        made: Exception = getattr(self._library, name)(str(error))
        return made


class _SyncBody(_Body):
    _exchange: SyncExchange

    def open(self) -> Head:
        try:
            return self._exchange.open(self._limits)
        except HttpError as error:
            raise self._error(error) from error

    def __iter__(self) -> Iterator[bytes]:
        try:
            while data := self._exchange.read(self._read):
                yield data
        except HttpError as error:
            raise self._error(error) from error

    def close(self) -> None:
        self._exchange.close()


class _AsyncBody(_Body):
    _exchange: AsyncExchange

    async def open(self) -> Head:
        try:
            return await self._exchange.open(self._limits)
        except HttpError as error:
            raise self._error(error) from error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while data := await self._exchange.read(self._read):
                yield data
        except HttpError as error:
            raise self._error(error) from error

    async def aclose(self) -> None:
        await self._exchange.aclose()
