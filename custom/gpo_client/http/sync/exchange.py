# Derived from custom/gpo_client/http/aio/exchange.py by `make sync`: edit that file, not this one.
"""Exchanges over a pool of our own; and ours as transports of httpx or httpx2.

The generated client is given those: it speaks one of the two. They are made classes of the abstract ones that either
documents for transports of one's own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

from gpo_client.http import errors, processes
from gpo_client.http.network.blocking import SyncBackend
from gpo_client.http.network.sockets import SyncOpening
from gpo_client.http.options import Limits, Options, Origin, address_of
from gpo_client.http.request import Message, Request, pieces, request_bytes
from gpo_client.http.response import Head, ResponseReader
from gpo_client.http.sync import SyncExchange, SyncTransport
from gpo_client.http.sync.pool import SyncConnection, SyncPool

_GIVEN_UP = "the exchange was given up"


class PooledSyncExchange:
    """One exchange; see :class:`gpo_client.http.sync.SyncExchange`."""

    def __init__(self, pool: SyncPool, request: Request, options: Options) -> None:
        self._pool = pool
        self._request = request
        self._options = options
        self._connection: SyncConnection | None = None
        self._opening: SyncOpening | None = None
        self._place: list[None] = []  # that it holds, if it does
        self._is_interrupted = False
        self._has_ended = False

    def open(self, limits: Limits) -> Head:
        """Send the request and wait for the head of the answer."""
        try:
            self._pool.places.take(limits.pool, self._place)
            head = self._head(self._message(), limits)
        except BaseException as error:
            if self._connection is not None:
                self._pool.drop(self._connection)
                self._connection = None
            self._pool.places.leave(self._place)
            if self._pool.is_closed and isinstance(error, errors.HttpError):
                raise errors.TransportClosed from error
            raise
        del self._request  # the answer may take long, and needs nothing of it
        return head

    def read(self, timeout: float | None) -> bytes:
        """Return the next bytes of the body."""
        connection = self._connection
        if connection is None:
            return b""
        reader = connection.reader
        if reader.is_drained or (data := reader.take()) is None:
            reader.feed(connection.line.read(timeout))
            if (data := reader.take()) is None:
                self._read_on(connection, timeout)
                data = reader.take() or b""
        self._has_ended = not data
        return data

    def interrupt(self) -> None:
        """End the read under way, and any later one."""
        self._is_interrupted = True  # first this, then that: opening goes the other way round, so one sees the other
        if (opening := self._opening) is not None:
            opening.cancel()
        if (connection := self._connection) is not None:
            connection.line.interrupt()

    def close(self, *, is_whole: bool = False) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        self._pool.places.leave(self._place)
        if connection is None:
            return
        if (self._has_ended or is_whole) and connection.reader.is_reusable:
            self._pool.give_back(connection)
        elif is_whole and connection.reader.is_wanting and not self._is_interrupted:
            self._pool.give_back_late(connection)
        else:
            self._pool.drop(connection)

    def __del__(self) -> None:
        # Whoever dropped it is anywhere; what the pool does about it is done where the pool is.
        if getattr(self, "_place", None):  # not there where a signal came amid the constructor
            self._pool.runtime.soon(partial(self._pool.forget, self._connection, self._place))

    def _message(self) -> Message:
        request, proxy = self._request, self._options.proxy
        origin = request.address.origin
        if proxy is None or proxy.is_socks or origin.is_tls:
            return request_bytes(request, request.address.target)
        more = {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}
        return request_bytes(request, f"{origin.scheme}://{origin.netloc}{request.address.target}", more)

    def _head(self, message: Message, limits: Limits) -> Head:
        """Ask on a connection that lay idle, or on a new one."""
        self._connection = self._pool.take(self._request.address.origin)
        if self._connection is not None:
            try:
                return self._ask(self._connection, message, limits.head)
            except (errors.ConnectionBroken, errors.ConnectionCut):
                if self._connection.reader.has_begun or self._is_interrupted or not self._request.is_repeatable:
                    raise
                self._pool.drop(self._connection)  # it was dead: nobody has seen the request
        self._connection = self._connect(limits.connect)
        return self._ask(self._connection, message, limits.head)

    def _connect(self, timeout: float | None) -> SyncConnection:
        self._opening = opening = SyncOpening()
        try:
            if self._is_interrupted:
                raise errors.ConnectionCut(_GIVEN_UP)
            return self._pool.connect(self._request.address.origin, timeout, opening)
        finally:
            self._opening = None

    def _ask(self, connection: SyncConnection, message: Message, timeout: float | None) -> Head:
        connection.reader.close()
        connection.reader = reader = ResponseReader(self._request.method)
        if self._is_interrupted:
            raise errors.ConnectionCut(_GIVEN_UP)
        for piece in pieces(message, self._request):
            connection.line.write(piece, timeout)
        reader.feed(connection.line.read(timeout))
        self._read_on(connection, timeout)
        return reader.take_head()

    def _read_on(self, connection: SyncConnection, timeout: float | None) -> None:
        """Read until there is something to take: all that follows a read that was no news has as long as that had."""
        reader, line = connection.reader, connection.line
        ends = None if timeout is None else time.monotonic() + timeout
        while not reader.has_news:
            left = None if ends is None else ends - time.monotonic()
            if left is not None and left <= 0:
                raise errors.ReadTimeout(errors.DRIPS)
            reader.feed(line.read(left))


class PooledSyncTransport:
    """Exchanges over connections of our own: on each event loop a pool of its own, in each process too.

    Thread and task safety: any number of loops may use it, side by side or one after the other.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._pools: dict[object, SyncPool] = {}
        #: Whether it has been closed.
        self.is_closed = False
        processes.register(self)

    def exchange(self, request: Request) -> PooledSyncExchange:
        """Return an exchange, not open yet; raises ``TransportClosed``."""
        key = SyncBackend.key()
        pool = self._pools.get(key) or self._pools.setdefault(key, self._new_pool())
        if self.is_closed:
            raise errors.TransportClosed
        return PooledSyncExchange(pool, request, self._options)

    def close(self) -> None:
        """Close all connections."""
        self.is_closed = True
        here = self._pools.pop(SyncBackend.key(), None)
        for pool in tuple(self._pools.values()):
            if pool.runtime.is_over:
                pool.close()
            else:
                pool.runtime.soon(pool.close)
        if here is not None:
            here.close()
            here.runtime.leave()

    def after_fork(self) -> None:
        """In a child: begin anew."""
        self._pools = {}

    def _new_pool(self) -> SyncPool:
        for key, pool in tuple(self._pools.items()):
            if pool.runtime.is_over:
                self._pools.pop(key, None)
                pool.close()
        return SyncPool(self._options)


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
    """Return a transport for clients of httpx or httpx2, which leads to ``origin`` whatever the library believes.

    Closing it closes nothing: the connections are somebody else's.
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
