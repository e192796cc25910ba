"""One end of a connection on asyncio: what it has received, and who waits for it."""

from __future__ import annotations

import asyncio
import selectors
from collections import deque
from contextlib import suppress
from typing import cast

# A server can be this many reads ahead of who reads; then it has to wait.
_READS_AHEAD = 2


class Wire(asyncio.Protocol):
    """A connection's protocol: keeps what nobody has read yet.

    It knows nothing of who reads: asyncio holds it as long as the connection is open.

    Args:
        loop: The event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.transport: asyncio.Transport
        self.pieces: deque[bytes] = deque()
        self.is_over = False  # no more bytes will come
        self.error: Exception | None = None
        self.may_write = True
        self._is_paused = False
        self._reader: asyncio.Future[bool] | None = None
        self._writer: asyncio.Future[bool] | None = None

    async def wait_for_bytes(self, timeout: float | None) -> bool:
        """Whether bytes, or the end, came in time."""
        self._reader = self._loop.create_future()
        return await self._within(timeout, self._reader)

    async def wait_for_room(self, timeout: float | None) -> bool:
        """Whether what was written went out in time."""
        self._writer = self._loop.create_future()
        return await self._within(timeout, self._writer)

    def take(self, max_bytes: int) -> bytes:
        """The first of what has come."""
        piece = self.pieces.popleft()
        if len(piece) > max_bytes:
            self.pieces.appendleft(piece[max_bytes:])
            piece = piece[:max_bytes]
        if self._is_paused and not self.pieces:
            self._is_paused = False
            self.transport.resume_reading()
        return piece

    @property
    def is_readable(self) -> bool:
        """Whether a read would get something at once: the end, of a connection that lay idle."""
        if self.pieces or self.is_over or self.transport.is_closing():
            return True
        # Perhaps the event loop has not seen it yet.
        with _Poll() as poll:
            poll.register(self.transport.get_extra_info("socket"), selectors.EVENT_READ)
            return bool(poll.select(0))

    def close(self) -> None:
        """Close the connection at once."""
        self.error = self.error or OSError("the connection was closed")
        self.transport.abort()
        self._end()

    def drop(self) -> None:
        """Nobody will use it any more."""
        if not self.transport.is_closing():
            with suppress(RuntimeError):  # the event loop is closed
                self._loop.call_soon_threadsafe(self.transport.abort)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The event loop has connected it."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        self.pieces.append(data)
        if len(self.pieces) >= _READS_AHEAD:
            self._is_paused = True
            self.transport.pause_reading()
        _settle(self._reader, True)

    def eof_received(self) -> None:
        """The other side will send no more: asyncio closes the connection."""
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, or broken."""
        self.error = self.error or exc
        self._end()

    def pause_writing(self) -> None:
        """Too much waits to be sent."""
        self.may_write = False

    def resume_writing(self) -> None:
        """What waited has been sent."""
        self.may_write = True
        _settle(self._writer, True)

    def _end(self) -> None:
        self.is_over = True
        _settle(self._reader, True)
        _settle(self._writer, True)

    async def _within(self, timeout: float | None, happening: asyncio.Future[bool]) -> bool:
        timer = None if timeout is None else self._loop.call_later(timeout, _settle, happening, False)
        try:
            return await happening
        finally:
            if timer is not None:
                timer.cancel()


def _settle(waiting: asyncio.Future[bool] | None, outcome: bool) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(outcome)


# Not the default selector: that one is made for many connections, and costs more to make.
_Poll = getattr(selectors, "PollSelector", selectors.SelectSelector)
