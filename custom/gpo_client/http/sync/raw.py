# Derived from custom/gpo_client/http/aio/raw.py by `make sync`: edit that file, not this one.
"""Our exchanges as transports of httpx or httpx2: what the generated client is given, which speaks one of the two.

Ours are made classes of the abstract ones that either documents for transports of one's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from gpo_client.http import errors
from gpo_client.http.exchange import Head, Limits, Request, SyncExchange, SyncTransport
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


def sync_raw_transport(library: Any, transport: SyncTransport, origin: Origin) -> Any:
    """Return a transport for clients of a library. Closing it closes nothing: the connections are somebody else's.

    Args:
        library: The module ``httpx`` or ``httpx2``.
        transport: Gives exchanges.
        origin: Where they lead, whatever the library believes.
    """
    return _derived(_SyncTransport, library.BaseTransport)(library, transport, origin)


@cache
def _derived(kind: type, base: type) -> Any:
    return type(kind.__name__, (kind, base), {})


class _SyncTransport:
    def __init__(self, library: Any, transport: SyncTransport, origin: Origin) -> None:
        self._library = library
        self._transport = transport
        self._origin = origin

    def handle_request(self, request: Any) -> Any:
        headers = {name.decode("ascii"): value.decode("latin-1") for name, value in request.headers.raw}
        address = address_of(str(request.url))
        if self._origin.socket:
            address = address._replace(origin=self._origin)
        content = request.read()
        exchange = self._transport.exchange(
            Request(request.method, address, headers, content, request.method != "POST")
        )
        body = _derived(_SyncBody, self._library.SyncByteStream)(self._library, exchange, request)
        head = body.open()
        version = {"http_version": f"HTTP/{head.version}".encode("ascii")}
        return self._library.Response(head.status, headers=list(head.fields), stream=body, extensions=version)


class _SyncBody:
    def __init__(self, library: Any, exchange: SyncExchange, request: Any) -> None:
        self._library, self._exchange = library, exchange
        timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
        self._read = timeouts.get("read")
        self._limits = Limits(timeouts.get("connect"), timeouts.get("pool"), self._read)

    def open(self) -> Head:
        try:
            return self._exchange.open(self._limits)
        except errors.HttpError as error:
            raise self._error(error) from error

    def __iter__(self) -> Iterator[bytes]:
        try:
            while data := self._exchange.read(self._read):
                yield data
        except errors.HttpError as error:
            raise self._error(error) from error

    def close(self) -> None:
        self._exchange.close()

    def _error(self, error: errors.HttpError) -> Exception:
        name = next(theirs for ours, theirs in _THEIRS if isinstance(error, ours))
        made: Exception = getattr(self._library, name)(str(error))
        return made
