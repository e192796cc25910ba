"""Network connections on asyncio's own transports.

httpcore reaches asyncio through anyio, which asks the kernel twice for each read whether to go on reading, and puts a
cancel scope around it: more than everything else that a waited-for event costs. Here a connection always reads, a wait
is one future, and a timeout one timer. On trio httpcore's way is the right one.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any, cast

import anyio
import httpcore

from gpo_client.transports.addresses import connect_socket
from gpo_client.transports.asyncio_wire import Wire

# The time for a handshake is limited by ours, not by asyncio's own limit.
_FOR_EVER = 1e8
_ASYNCIO_NAMES = {"server_addr": "peername", "client_addr": "sockname"}


class AsyncioStream(httpcore.AsyncNetworkStream):
    """A connection. One that is dropped is closed.

    Args:
        wire: The connection that asyncio has made.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come, at most that many bytes; nothing at the end."""
        wire = self._wire
        if not wire.pieces and not wire.is_over and not await wire.wait_for_bytes(timeout):
            raise httpcore.ReadTimeout
        if wire.pieces:
            return wire.take(max_bytes)
        if wire.error is not None:
            raise httpcore.ReadError(wire.error) from wire.error
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write."""
        wire = self._wire
        if not buffer:
            return
        if wire.transport.is_closing():
            raise httpcore.WriteError(wire.error or "the connection is closed")
        wire.transport.write(buffer)
        if not wire.may_write and not await wire.wait_for_room(timeout):
            raise httpcore.WriteTimeout
        if wire.error is not None:
            raise httpcore.WriteError(wire.error) from wire.error

    async def aclose(self) -> None:
        """Close the connection at once; who waits for a read gets an error."""
        self._wire.close()
        await asyncio.sleep(0)  # asyncio closes the socket in its next turn

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """The same connection, encrypted."""
        wire = self._wire
        loop = asyncio.get_running_loop()
        try:
            with anyio.fail_after(timeout):
                transport = await loop.start_tls(
                    wire.transport,
                    wire,
                    ssl_context,
                    server_hostname=server_hostname,
                    ssl_handshake_timeout=_FOR_EVER,
                )
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:  # ssl.SSLError too
            raise httpcore.ConnectError(error) from error
        wire.transport = cast("asyncio.Transport", transport)
        return self

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks for."""
        if info == "is_readable":
            return self._wire.is_readable
        return self._wire.transport.get_extra_info(
            {"server_addr": "peername", "client_addr": "sockname"}.get(info, info)
        )

    def end_reads(self) -> None:
        """The read under way gets the end of the connection, and so does any later one."""
        self._wire.eof_received()

    def __del__(self) -> None:
        self._wire.drop()


async def connect(
    host: str,
    port: int,
    timeout: float | None = None,
    local_address: str | None = None,
    socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
) -> AsyncioStream:
    """Connect, to whichever address of the host answers first.

    Args:
        host: A name or an address.
        port: The port.
        timeout: Seconds that it may take; None: no limit.
        local_address: The address to connect from.
        socket_options: Options to set.

    Raises:
        httpcore.ConnectTimeout: It took too long.
        httpcore.ConnectError: No address took the connection.
    """
    loop = asyncio.get_running_loop()
    try:
        with anyio.fail_after(timeout):
            connected = await connect_socket(host, port, local_address)
            _, wire = await loop.create_connection(lambda: Wire(loop), sock=connected)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout from error
    except OSError as error:
        raise httpcore.ConnectError(error) from error
    for option in socket_options or ():
        wire.transport.get_extra_info("socket").setsockopt(*option)
    return AsyncioStream(wire)
