"""What differs between threads and event loops: waiting for each other. The shells are written in these terms."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, nullcontext

import anyio


class AsyncSignal:
    """Wakes tasks of one event loop.

    Whoever waits says how often it had rung when they last looked, so that nothing is slept through.
    """

    def __init__(self) -> None:
        #: How often it has rung.
        self.count = 0
        self._rung: anyio.Event | None = None

    def ring(self) -> None:
        """Wake everybody who waits."""
        self.count += 1
        if self._rung is not None:
            self._rung.set()
            self._rung = None

    async def wait(self, count: int, timeout: float | None) -> None:
        """Wait until it has rung more than ``count`` times, but no longer than ``timeout`` seconds."""
        if self.count == count:
            rung = self._rung = self._rung or anyio.Event()
            with anyio.move_on_after(timeout):
                await rung.wait()


class SyncSignal:
    """Wakes threads; otherwise like :class:`AsyncSignal`."""

    def __init__(self) -> None:
        #: How often it has rung.
        self.count = 0
        self._rung = threading.Condition()

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._rung:
            self.count += 1
            self._rung.notify_all()

    def wait(self, count: int, timeout: float | None) -> None:
        """Wait until it has rung more than ``count`` times, but no longer than ``timeout`` seconds."""
        with self._rung:
            self._rung.wait_for(lambda: self.count != count, timeout)


class AsyncMutex(nullcontext[None]):
    """Nothing: between two awaits a task has the event loop to itself."""


class SyncMutex:
    """A lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *exc: object) -> None:
        self._lock.release()


@asynccontextmanager
async def async_shielded(seconds: float) -> AsyncGenerator[None]:
    """Finish the block even if the task is being cancelled, but give up after so many seconds."""
    with anyio.CancelScope(shield=True, deadline=anyio.current_time() + seconds):
        yield


@contextmanager
def sync_shielded(seconds: float) -> Generator[None]:  # noqa: ARG001 - threads are not cancelled
    """Finish the block; a thread cannot be cancelled."""
    yield
