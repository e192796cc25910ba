"""Our exchanges as transports of httpx or httpx2: what the generated client is given, which speaks one of the two.

Ours are made classes of the abstract ones that either documents for transports of one's own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cache
from typing import Any

from gpo_client.http import errors
from gpo_client.http.exchange import AsyncExchange, AsyncTransport, Head, Limits, Request
from gpo_client.http.options import Origin, address_of

_THEIRS: tuple[tuple[type[errors.HttpError], str], ...] = (
    (errors.ProxyFailed, "ProxyError"),
    (errors.ConnectFailed, "ConnectError"),
    (errors.ConnectTimeout, "ConnectTimeout"),
    (errors.PoolTimeout, "PoolTimeout"),
    (errors.ReadTimeout, "ReadTimeout"),
    (errors.ProtocolViolation, "RemoteProtocolError"),
    (errors.HttpError, "ReadError"),
)


def async_raw_transport(library: Any, transport: AsyncTransport, origin: Origin) -> Any:
    """Return a transport for clients of a library. Closing it closes nothing: the connections are somebody else's.

    Args:
        library: The module ``httpx`` or ``httpx2``.
        transport: Gives exchanges.
        origin: Where they lead, whatever the library believes.
    """
    return _derived(_AsyncTransport, library.AsyncBaseTransport)(library, transport, origin)


@cache
def _derived(kind: type, base: type) -> Any:
    return type(kind.__name__, (kind, base), {})


class _AsyncTransport:
    def __init__(self, library: Any, transport: AsyncTransport, origin: Origin) -> None:
        self._library = library
        self._transport = transport
        self._origin = origin

    async def handle_async_request(self, request: Any) -> Any:
        headers = {name.decode("ascii"): value.decode("latin-1") for name, value in request.headers.raw}
        address = address_of(str(request.url))
        if self._origin.socket:
            address = address._replace(origin=self._origin)
        content = await request.aread()
        exchange = self._transport.exchange(
            Request(request.method, address, headers, content, request.method != "POST")
        )
        body = _derived(_AsyncBody, self._library.AsyncByteStream)(self._library, exchange, request)
        head = await body.open()
        version = {"http_version": f"HTTP/{head.version}".encode("ascii")}
        return self._library.Response(head.status, headers=list(head.fields), stream=body, extensions=version)


class _AsyncBody:
    def __init__(self, library: Any, exchange: AsyncExchange, request: Any) -> None:
        self._library, self._exchange = library, exchange
        timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
        self._read = timeouts.get("read")
        self._limits = Limits(timeouts.get("connect"), timeouts.get("pool"), self._read)

    async def open(self) -> Head:
        try:
            return await self._exchange.open(self._limits)
        except errors.HttpError as error:
            raise self._error(error) from error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while data := await self._exchange.read(self._read):
                yield data
        except errors.HttpError as error:
            raise self._error(error) from error

    async def aclose(self) -> None:
        await self._exchange.aclose()

    def _error(self, error: errors.HttpError) -> Exception:
        name = next(theirs for ours, theirs in _THEIRS if isinstance(error, ours))
        made: Exception = getattr(self._library, name)(str(error))
        return made
