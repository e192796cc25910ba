"""Network connections whose reads can be limited one by one (see :mod:`gpo_client.transports.limits`)."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable
from typing import Any

import anyio
import httpcore

from gpo_client.transports.asyncio_streams import AsyncioStream, connect
from gpo_client.transports.limits import OwnConnection, ReadTimeout


class LimitedStream(OwnConnection, httpcore.NetworkStream):
    """A blocking connection."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read within the limit."""
        if isinstance(timeout, ReadTimeout):
            timeout.connection = self
            if timeout.ended:
                return b""
            if timeout.until is None:  # the first read of a wait, as nearly all are
                timeout.until = 0.0
                timeout = timeout.current
            else:
                timeout = timeout.for_another_read()
        return self._receive(max_bytes, timeout)

    def _receive(self, max_bytes: int, timeout: float | None) -> bytes:
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write."""
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        """Close; a thread that is waiting for a read gets the end of the connection."""
        self.interrupt_reads()  # closing a socket alone would leave that thread waiting
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted."""
        try:
            return LimitedStream(self._stream.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:  # httpcore closes it after an error, but not when it is interrupted
            self.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        """What the underlying connection knows."""
        return self._stream.get_extra_info(info)


class SocketStream(LimitedStream):
    """A blocking connection without TLS, whose socket is read directly.

    What httpcore does around each read takes longer than the read itself.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        super().__init__(stream)
        self._socket: socket.socket = stream.get_extra_info("socket")

    def _receive(self, max_bytes: int, timeout: float | None) -> bytes:
        try:
            if timeout != self._socket.gettimeout():
                self._socket.settimeout(timeout)
            return self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout from error
        except OSError as error:
            raise httpcore.ReadError from error


class AsyncLimitedStream(OwnConnection, httpcore.AsyncNetworkStream):
    """An asynchronous connection."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    def interrupt_reads(self) -> None:
        """End a read that another task is waiting in."""
        if isinstance(self._stream, AsyncioStream):
            self._stream.end_reads()
        else:
            super().interrupt_reads()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read within the limit."""
        if isinstance(timeout, ReadTimeout):
            timeout.connection = self
            if timeout.ended:
                return b""
            if timeout.until is None:  # the first read of a wait, as nearly all are
                timeout.until = 0.0
                timeout = timeout.current
            else:
                timeout = timeout.for_another_read()
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close."""
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """The same connection, encrypted."""
        try:
            return AsyncLimitedStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:  # httpcore closes it after an error, but not when it is cancelled
            with anyio.CancelScope(shield=True):
                await self.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        """What the underlying connection knows."""
        return self._stream.get_extra_info(info)


class LimitedNetwork(httpcore.SyncBackend):
    """Makes blocking connections."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect."""
        return SocketStream(super().connect_tcp(host, port, timeout, local_address, socket_options))


class AsyncLimitedNetwork(httpcore.AsyncNetworkBackend):
    """Makes asynchronous connections, on asyncio and on trio."""

    def __init__(self) -> None:
        self._network: httpcore.AsyncNetworkBackend = httpcore.AnyIOBackend()  # pyright: ignore[reportAttributeAccessIssue] - httpx installs anyio

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect."""
        connect_tcp = connect if _is_on_asyncio() else self._network.connect_tcp
        return AsyncLimitedStream(await connect_tcp(host, port, timeout, local_address, socket_options))


def _is_on_asyncio() -> bool:
    """Whether asyncio runs this task. As trio's host it runs none."""
    try:
        return asyncio.current_task() is not None
    except RuntimeError:
        return False
