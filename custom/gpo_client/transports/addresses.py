"""The address of a host that answers first (RFC 8305, "Happy Eyeballs"), on asyncio.

asyncio's own race loses the socket of the winner when it is cancelled as it ends.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from itertools import chain, zip_longest

import anyio

AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]

# Section 5: how long to wait for one address before the next is tried as well.
_CONNECTION_ATTEMPT_DELAY = 0.25


async def connect_socket(host: str, port: int, local_address: str | None) -> socket.socket:
    """A connected socket that does not block.

    Args:
        host: A name or an address.
        port: The port.
        local_address: The address to connect from; None: any.

    Raises:
        OSError: The name is unknown, or no address takes the connection; the error is the first one's.
    """
    infos = await _addresses(host, port)
    if len(infos) == 1:
        return await _attempt(infos[0], local_address)
    return await _race(_interleaved(infos), local_address)


async def _addresses(host: str, port: int) -> Sequence[AddressInfo]:
    try:  # an address needs no thread to look for it
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)


def _interleaved(infos: Sequence[AddressInfo]) -> Sequence[AddressInfo]:
    """Addresses of the two families in turn, beginning with the family that the resolver prefers (section 4)."""
    preferred = [info for info in infos if info[0] == infos[0][0]]
    others = [info for info in infos if info[0] != infos[0][0]]
    return [info for info in chain.from_iterable(zip_longest(preferred, others)) if info is not None]


async def _race(infos: Sequence[AddressInfo], local_address: str | None) -> socket.socket:
    connected: list[socket.socket] = []
    errors: list[OSError] = []

    async def run(info: AddressInfo, failed: anyio.Event) -> None:
        try:
            connected.append(await _attempt(info, local_address))
            race.cancel_scope.cancel()
        except OSError as error:
            errors.append(error)
            failed.set()

    try:
        async with anyio.create_task_group() as race:
            for info in infos:
                failed = anyio.Event()
                race.start_soon(run, info, failed)
                with anyio.move_on_after(_CONNECTION_ATTEMPT_DELAY):
                    await failed.wait()
    except BaseException:
        _close(connected)
        raise
    if not connected:
        raise errors[0]
    _close(connected[1:])
    return connected[0]


async def _attempt(info: AddressInfo, local_address: str | None) -> socket.socket:
    family, kind, protocol, _, address = info
    attempt = socket.socket(family, kind, protocol)
    try:
        attempt.setblocking(False)
        if local_address is not None:
            attempt.bind((local_address, 0))
        await asyncio.get_running_loop().sock_connect(attempt, address)
    except BaseException:
        attempt.close()
        raise
    return attempt


def _close(sockets: Sequence[socket.socket]) -> None:
    for one in sockets:
        one.close()
