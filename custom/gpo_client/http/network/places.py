"""Places among the connections of a pool: who has none waits for one."""

from __future__ import annotations

import queue
from contextlib import suppress

import anyio

from gpo_client.http.errors import PoolTimeout

_FULL = "all connections are in use"


class AsyncPlaces:
    """The places on one event loop.

    Args:
        number: How many.
    """

    def __init__(self, number: int) -> None:
        self._free = anyio.Semaphore(number, fast_acquire=True)

    async def take(self, timeout: float | None) -> None:
        """Wait for a place.

        Raises:
            PoolTimeout: None became free in time.
        """
        with suppress(anyio.WouldBlock):
            return self._free.acquire_nowait()
        try:
            with anyio.fail_after(timeout):
                await self._free.acquire()
        except TimeoutError as error:
            raise PoolTimeout(_FULL) from error

    def leave(self) -> None:
        """Give one back."""
        self._free.release()


class SyncPlaces:
    """The same for threads.

    Args:
        number: How many.
    """

    def __init__(self, number: int) -> None:
        # A queue, not a semaphore: an exchange that the garbage collector finds gives its place back in the middle of
        # anything, and only this queue lets it.
        self._free: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _ in range(number):
            self._free.put(None)

    def take(self, timeout: float | None) -> None:
        """Wait for a place.

        Raises:
            PoolTimeout: None became free in time.
        """
        try:
            self._free.get(timeout=timeout)
        except queue.Empty as error:
            raise PoolTimeout(_FULL) from error

    def leave(self) -> None:
        """Give one back."""
        self._free.put(None)
