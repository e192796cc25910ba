"""Lanes: the place of one connection, which is made when it is needed and made anew when it has been closed."""

from __future__ import annotations

import ssl

import attrs
import httpcore

from gpo_client.transports.connections import AsyncLimitedNetwork, LimitedNetwork
from gpo_client.transports.http11 import AsyncConnection, Connection
from gpo_client.transports.limits import timeouts_of


@attrs.frozen
class LaneOptions:
    """How lanes connect.

    Attributes:
        ssl_context: For https; None for http.
        keepalive_expiry: Seconds that a connection may lie idle.
        proxy: What to go through; None: connect directly.
    """

    ssl_context: ssl.SSLContext | None
    keepalive_expiry: float
    proxy: httpcore.Proxy | None


class Lane:
    """A blocking lane, without a proxy.

    Args:
        options: How to connect.
        network: What connects.
    """

    def __init__(self, options: LaneOptions, network: LimitedNetwork) -> None:
        self._options = options
        self._network = network
        self._connection: Connection | None = None

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request and wait for the head of the answer."""
        connection = self._connection
        if connection is None or not _serves(connection, request):
            self.close()
            connection = self._connection = self._connect(request)
        return connection.handle_request(request)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()

    def _connect(self, request: httpcore.Request) -> Connection:
        origin = request.url.origin
        host, timeout = origin.host.decode("ascii"), timeouts_of(request)["connect"]
        stream = self._network.connect_tcp(host, origin.port, timeout=timeout)
        if self._options.ssl_context is not None:
            stream = stream.start_tls(self._options.ssl_context, server_hostname=host, timeout=timeout)
        return Connection(origin, stream, keepalive_expiry=self._options.keepalive_expiry)


class AsyncLane:
    """An asynchronous lane, without a proxy.

    Args:
        options: How to connect.
        network: What connects.
    """

    def __init__(self, options: LaneOptions, network: AsyncLimitedNetwork) -> None:
        self._options = options
        self._network = network
        self._connection: AsyncConnection | None = None

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request and wait for the head of the answer."""
        connection = self._connection
        if connection is None or not _serves(connection, request):
            await self.aclose()
            connection = self._connection = await self._connect(request)
        return await connection.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.aclose()

    async def _connect(self, request: httpcore.Request) -> AsyncConnection:
        origin = request.url.origin
        host, timeout = origin.host.decode("ascii"), timeouts_of(request)["connect"]
        stream = await self._network.connect_tcp(host, origin.port, timeout=timeout)
        if self._options.ssl_context is not None:
            stream = await stream.start_tls(self._options.ssl_context, server_hostname=host, timeout=timeout)
        return AsyncConnection(origin, stream, keepalive_expiry=self._options.keepalive_expiry)


def _serves(connection: Connection | AsyncConnection, request: httpcore.Request) -> bool:
    """Whether a connection made earlier can serve this request."""
    usable = connection.is_available() and not connection.has_expired()
    return usable and connection.can_handle_request(request.url.origin)


#: A pool of one connection is a lane too, and knows its way through proxies.
AnyLane = Lane | httpcore.ConnectionPool
AnyAsyncLane = AsyncLane | httpcore.AsyncConnectionPool


def make_lane(options: LaneOptions, network: LimitedNetwork) -> AnyLane:
    """A new blocking lane."""
    if options.proxy is None:
        return Lane(options, network)
    return httpcore.ConnectionPool(
        ssl_context=options.ssl_context,
        proxy=options.proxy,
        max_connections=1,
        keepalive_expiry=options.keepalive_expiry,
        network_backend=network,
    )


def make_async_lane(options: LaneOptions, network: AsyncLimitedNetwork) -> AnyAsyncLane:
    """A new asynchronous lane."""
    if options.proxy is None:
        return AsyncLane(options, network)
    return httpcore.AsyncConnectionPool(
        ssl_context=options.ssl_context,
        proxy=options.proxy,
        max_connections=1,
        keepalive_expiry=options.keepalive_expiry,
        network_backend=network,
    )
