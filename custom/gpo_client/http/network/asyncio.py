"""Lines on asyncio's own transports, which uvloop has too.

A line always reads, a wait is one future, and its limit a timer that outlives it: nothing that a waited-for event costs
is a system call but the one that brings its bytes.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import suppress
from errno import EAGAIN
from typing import cast

import aiohappyeyeballs
import anyio

from gpo_client.http import errors, processes
from gpo_client.http.network.sockets import (
    ATTEMPT_DELAY,
    AddressInfo,
    addresses_of,
    broken,
    connecting,
    is_readable,
    shaking_hands,
)
from gpo_client.http.options import Options, Origin

# A server can be this many reads ahead of who reads; then it has to wait.
_READS_AHEAD = 2
# How much a read takes at most, as a blocking one does: more is decoded in steps, and is past the processor's cache.
_READ = 65536
# The time for a handshake is limited by ours, not by asyncio's own limit.
_LONGEST = 1e8
# For bytes that are there when a timer fires: a machine that slept has not waited.
_AFTER_ALL = 0.05


class _Buffers(threading.local):
    """A buffer for all lines of a thread: what a read brings is taken out of it before another can begin."""

    def __init__(self) -> None:
        self.view = memoryview(bytearray(_READ))


_buffers = _Buffers()


class AsyncioLine(asyncio.BufferedProtocol):
    """One connection: what it has received, and who waits for it.

    It knows nothing of who reads: asyncio holds it as long as the connection is open.
    """

    def __init__(self, connected: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = connected
        self.transport: asyncio.Transport
        self._pieces: list[bytes] = []
        self._held = 0  # bytes in them
        self._is_over = False  # no more bytes will come
        self._error: errors.HttpError | None = None
        self._may_write = True
        self._is_paused = False
        self._reader: asyncio.Future[bool] | None = None
        self._writer: asyncio.Future[bool] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0
        processes.register(self)

    async def read(self, timeout: float | None) -> bytes:
        """Return what has come; ``b""`` when the other side has ended the connection."""
        pieces = self._pieces
        if not pieces:
            if not self._is_over:
                self._reader = self._loop.create_future()
                if timeout is not None:
                    self._deadline = self._loop.time() + timeout
                    if self._timer is None or self._timer.when() > self._deadline:
                        self._set_timer()
                if not await self._reader:
                    raise errors.ReadTimeout("nothing came")
            if not pieces:
                if self._error is not None:
                    raise self._error
                return b""
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._held = 0
        if self._is_paused:
            self._is_paused = False
            self.transport.resume_reading()
        return data

    async def write(self, data: bytes, timeout: float | None) -> None:
        """Send."""
        if self._error is not None or self.transport.is_closing():
            raise self._error or errors.ConnectionBroken("the connection is closed")
        self.transport.write(data)
        if not self._may_write:
            self._writer = self._loop.create_future()
            with anyio.move_on_after(timeout):
                await self._writer
            if not self._may_write and self._error is None:
                raise errors.ReadTimeout("the other side does not take what is sent")
        if self._error is not None:
            raise self._error

    async def start_tls(self, context: ssl.SSLContext, host: str, timeout: float | None) -> None:
        """Encrypt it."""
        with shaking_hands(), anyio.fail_after(timeout):
            secured = await self._loop.start_tls(
                self.transport, self, context, server_hostname=host, ssl_handshake_timeout=_LONGEST
            )
        if secured is None:  # pyright: ignore[reportUnnecessaryComparison] - it was closed meanwhile
            raise errors.TlsFailed("the connection was closed")
        self.transport = secured
        if is_readable(self._socket.fileno()):
            await asyncio.sleep(0)  # perhaps the other side wants another certificate, and has hung up

    def certificate(self) -> bytes:
        """Return the certificate of the other side, in DER; empty: there is none."""
        return self.transport.get_extra_info("ssl_object").getpeercert(True) or b""

    def is_quiet(self) -> bool:
        """Whether nothing has come, not even the end: so it is with a connection that can be used again."""
        if self._pieces or self._is_over or self.transport.is_closing():
            return False
        return not is_readable(self._socket.fileno())  # perhaps the event loop has not seen it yet

    def interrupt(self) -> None:
        """From another task: end the read under way."""
        self._end()

    def close(self) -> None:
        """Close it, on its own event loop; who waits gets an error."""
        if isinstance(self._error, errors.WrongProcess):
            return
        self._error = self._error or errors.ConnectionBroken("the connection was closed")
        if not self._loop.is_closed():
            self.transport.abort()
        self._end()

    def drop(self) -> None:
        """Close it, from anywhere: a destructor may be called in any thread."""
        if not isinstance(self._error, errors.WrongProcess):
            with suppress(RuntimeError):  # the event loop is closed
                self._loop.call_soon_threadsafe(self.close)

    def after_fork(self) -> None:
        """In a child: close the descriptor, and touch nothing of the loop, which is the parent's too."""
        processes.leave(self)
        self._error, self._is_over = errors.WrongProcess(processes.elsewhere("the stream")), True
        with suppress(OSError):
            os.close(self._socket.detach())

    # What asyncio calls; the names are its own.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport that the event loop has connected."""
        self.transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio does not know more than we do
        """Return where to put what comes: no more than fits beside what is held already."""
        view = _buffers.view
        return view[self._held % _READ :] if self._held else view

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes have come."""
        start = self._held % _READ
        self._pieces.append(_buffers.view[start : start + nbytes].tobytes())
        self._held += nbytes
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(True)
        elif len(self._pieces) >= _READS_AHEAD or self._held >= _READ:
            self._is_paused = True
            self.transport.pause_reading()

    def eof_received(self) -> None:
        """Note that the other side will send no more: asyncio closes the connection."""
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is closed, or broken."""
        if exc is not None and self._error is None:
            self._error = broken(exc)
            self._error.__cause__ = exc
        self._may_write = True
        self._end()

    def pause_writing(self) -> None:
        """Too much waits to be sent."""
        self._may_write = False

    def resume_writing(self) -> None:
        """Wake who waits to send: what waited has been sent."""
        self._may_write = True
        _settle(self._writer, True)

    def _end(self) -> None:
        self._is_over = True
        _settle(self._reader, True)
        _settle(self._writer, True)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        """Limit the wait that begins. A timer that fires earlier anyway is left to look again."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._deadline, self._look)

    def _look(self, is_last: bool = False) -> None:
        self._timer = None
        if self._reader is None or self._reader.done():
            return
        if not is_last and self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._look)
        elif not is_last and is_readable(self._socket.fileno()):
            self._timer = self._loop.call_later(_AFTER_ALL, self._look, True)
        else:
            self._reader.set_result(False)


def _settle(waiting: asyncio.Future[bool] | None, outcome: bool) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(outcome)


async def connect(origin: Origin, options: Options, timeout: float | None) -> AsyncioLine:
    """Connect, in the clear, to whichever address of the host answers first; raises what :func:`connecting` does."""
    with connecting(f"{origin.authority} does not answer"), anyio.fail_after(timeout):
        connected = await aiohappyeyeballs.start_connection(  # pyright: ignore[reportUnknownMemberType]
            await _addresses(origin), happy_eyeballs_delay=ATTEMPT_DELAY, loop=asyncio.get_running_loop()
        )
        return await _line(connected, options)


async def _line(connected: socket.socket, options: Options) -> AsyncioLine:
    try:
        options.prepare(connected)
        _, line = await asyncio.get_running_loop().create_connection(lambda: AsyncioLine(connected), sock=connected)
    except BaseException:
        connected.close()
        raise
    return line


async def _addresses(origin: Origin) -> Sequence[AddressInfo]:
    try:  # an address needs no thread to look for it
        return addresses_of(origin, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    try:
        return await asyncio.get_running_loop().getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    except RuntimeError as error:  # this process may start no more threads
        raise OSError(EAGAIN, str(error)) from error
