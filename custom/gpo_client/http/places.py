"""What exchanges share: places among the connections of a pool, and the connections that nobody uses."""

from __future__ import annotations

import queue
from collections import deque
from contextlib import suppress
from typing import Generic, TypeVar

import anyio

from gpo_client.http.errors import PoolTimeout
from gpo_client.http.options import Origin

_FULL = "all connections are in use"


class AsyncPlaces:
    """The places on one event loop."""

    def __init__(self, number: int) -> None:
        self._free = anyio.Semaphore(number)

    async def take(self, timeout: float | None, held: list[None]) -> None:
        """Wait for a place, and put it where it is held; raises ``PoolTimeout``."""
        try:
            self._free.acquire_nowait()
        except anyio.WouldBlock:
            await self._wait(timeout)
        held.append(None)

    async def _wait(self, timeout: float | None) -> None:
        try:
            with anyio.fail_after(timeout):
                await self._free.acquire()
        except TimeoutError as error:
            raise PoolTimeout(_FULL) from error

    def leave(self, held: list[None]) -> None:
        """Give a place back, if one is held."""
        with suppress(IndexError):
            held.pop()
            self._free.release()

    def add(self) -> None:
        """Let one more in, who is to find out that all is over."""
        self._free.release()


class SyncPlaces:
    """The same for threads."""

    def __init__(self, number: int) -> None:
        # A queue, not a semaphore: an exchange that the garbage collector finds gives its place back in the middle of
        # anything, and only this queue lets it.
        self._free: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _ in range(number):
            self._free.put(None)

    # A signal may raise between any two bytecodes: a place would be neither free nor held. So C code alone moves it.

    def take(self, timeout: float | None, held: list[None]) -> None:
        """Wait for a place, and put it where it is held."""
        try:
            held.extend(map(self._free.get, (True,), (timeout,)))
        except queue.Empty as error:
            raise PoolTimeout(_FULL) from error

    def leave(self, held: list[None]) -> None:
        """Give a place back, if one is held."""
        with suppress(IndexError):
            any(map(self._free.put, map(held.pop, (-1,))))

    def add(self) -> None:
        """Let one more in, who is to find out that all is over."""
        self._free.put(None)


C = TypeVar("C")


class Idle(Generic[C]):
    """The connections that nobody uses. Each is of one process and one event loop, as this is.

    The one that was given back last serves next, being the likeliest to be connected still; the one that has lain
    longest is the one to close. Threads may share it. They may lie unused for ``keep`` seconds.
    """

    def __init__(self, keep: float) -> None:
        #: Seconds that a connection may lie unused.
        self.keep = keep
        self._free: dict[Origin, deque[tuple[float, C]]] = {}

    def take(self, origin: Origin) -> tuple[float, C] | None:
        """Return the connection to an origin that was given back last, and when that was; None: there is none."""
        free = self._free.get(origin)
        try:
            return free.pop() if free else None
        except IndexError:  # another thread has taken it already
            return None

    def give(self, origin: Origin, connection: C, now: float) -> C | None:
        """Take a connection back. Another may have lain too long now: it is handed out, to be closed."""
        free = self._free.setdefault(origin, deque())
        free.append((now, connection))
        try:
            given, oldest = free.popleft()
        except IndexError:
            return None
        if now - given > self.keep:
            return oldest
        free.appendleft((given, oldest))
        return None
