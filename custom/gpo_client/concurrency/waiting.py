"""Locks, conditions, events and signals, for tasks on asyncio or trio and for threads, and blocks that must end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from types import TracebackType
from typing import Any, Self
from weakref import WeakKeyDictionary

import anyio

from gpo_client.http.network.backends import AsyncBackend, is_on_asyncio

#: What is set once, and waited for.
AsyncEvent = anyio.Event
#: The same for threads.
SyncEvent = threading.Event


class AsyncLock:
    """A lock for tasks: on each event loop one of its own, since a loop must not wake another's tasks."""

    def __init__(self) -> None:
        self._locks: WeakKeyDictionary[Any, anyio.Lock] = WeakKeyDictionary()

    async def acquire(self) -> None:
        """Wait for the lock and take it."""
        await self._here().acquire()

    def release(self) -> None:
        """Give it back."""
        self._here().release()

    async def __aenter__(self) -> None:
        await self.acquire()

    async def __aexit__(self, *_: object) -> None:
        self.release()

    def _here(self) -> anyio.Lock:
        return self._locks.setdefault(AsyncBackend.key(), anyio.Lock())


#: The same for threads.
SyncLock = threading.Lock


class AsyncSignal:
    """Wakes tasks of one event loop, as often as they are notified.

    Whoever waits gives the count of notifications that they know of, so that none is slept through.
    """

    def __init__(self) -> None:
        #: How often it has notified.
        self.count = 0
        self._waiting: set[_AsyncioWaiter | anyio.Event] = set()  # filled by who waits: there may be no loop yet

    def notify_all(self) -> None:
        """Wake everybody who waits."""
        self.count += 1
        if self._waiting:
            waiting, self._waiting = self._waiting, set()
            for each in waiting:
                each.set()

    async def wait(self, count: int, timeout: float | None) -> None:
        """Wait until it has notified more than ``count`` times, but no longer than ``timeout`` seconds."""
        if self.count != count:
            return
        waiter = _AsyncioWaiter(timeout) if is_on_asyncio() else anyio.Event()
        self._waiting.add(waiter)
        try:
            with anyio.move_on_after(timeout) if isinstance(waiter, anyio.Event) else nullcontext():
                await waiter.wait()
        finally:
            self._waiting.discard(waiter)


class _AsyncioWaiter:
    """A future with a timer: a tenth of the cost of an event in a cancel scope, and there is one wait to a chunk."""

    def __init__(self, timeout: float | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._future = self._loop.create_future()
        self._timeout = timeout

    def set(self) -> None:
        if not self._future.done():
            self._future.set_result(None)

    async def wait(self) -> None:
        timer = None if self._timeout is None else self._loop.call_later(self._timeout, self.set)
        try:
            await self._future
        finally:
            if timer is not None:
                timer.cancel()


class SyncSignal:
    """The same for threads."""

    def __init__(self) -> None:
        #: How often it has notified.
        self.count = 0
        self._condition = threading.Condition()

    def notify_all(self) -> None:
        """Wake everybody who waits."""
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait(self, count: int, timeout: float | None) -> None:
        """Wait until it has notified more than ``count`` times, but no longer than ``timeout`` seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self.count != count, timeout)


class AsyncCondition:
    """A condition: tasks wait on it until something has changed. As tasks take turns, there is nothing to lock."""

    def __init__(self) -> None:
        self._changes = AsyncSignal()

    async def wait(self, timeout: float | None = None) -> bool:
        """Wait for the next change, or until ``timeout`` seconds are over; whether there was one."""
        before = self._changes.count
        await self._changes.wait(before, timeout)
        return self._changes.count != before

    def notify_all(self) -> None:
        """Something has changed."""
        self._changes.notify_all()

    async def __aenter__(self) -> Self:
        """Nothing to wait for."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing to give back."""


class SyncCondition(threading.Condition):
    """The same for threads, with a lock around what they share."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the next change, or until ``timeout`` seconds are over; whether there was one."""
        return super().wait(None if timeout is None else min(timeout, threading.TIMEOUT_MAX))

    def notify_all(self) -> None:
        """Something has changed."""
        with self:
            super().notify_all()


@asynccontextmanager
async def async_within(seconds: float) -> AsyncGenerator[None]:
    """Give the block up after so many seconds, by a TimeoutError."""
    with anyio.fail_after(seconds):
        yield


@contextmanager
def sync_within(seconds: float) -> Generator[None]:  # noqa: ARG001 - a blocking client has timeouts of its own
    """Finish the block; a thread cannot be given up."""
    yield


@asynccontextmanager
async def async_shielded(seconds: float) -> AsyncGenerator[None]:
    """Finish the block even if the task is being cancelled, but give up after so many seconds."""
    with anyio.CancelScope(shield=True, deadline=anyio.current_time() + seconds):
        yield


@contextmanager
def sync_shielded(seconds: float) -> Generator[None]:  # noqa: ARG001 - threads are not cancelled
    """Finish the block; a thread cannot be cancelled."""
    yield
