"""What differs between threads and event loops: waiting for each other. The shells are written in these terms."""

from __future__ import annotations

import asyncio
import atexit
import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import Protocol

import anyio

from gpo_client.drivers.background import is_on_trio


class AsyncSignal:
    """Wakes tasks of one event loop.

    Whoever waits says how often it had rung when they last looked, so that nothing is slept through.
    """

    def __init__(self) -> None:
        #: How often it has rung.
        self.count = 0
        self._waiting: list[_AsyncioWaiter | anyio.Event] = []

    def ring(self) -> None:
        """Wake everybody who waits."""
        self.count += 1
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for each in waiting:
                each.set()

    async def wait(self, count: int, timeout: float | None) -> None:
        """Wait until it has rung more than ``count`` times, but no longer than ``timeout`` seconds."""
        if self.count != count:
            return
        if is_on_trio():
            rung = anyio.Event()
            self._waiting.append(rung)
            with anyio.move_on_after(timeout):
                await rung.wait()
        else:
            waiter = _AsyncioWaiter()
            self._waiting.append(waiter)
            await waiter.wait(timeout)


class _AsyncioWaiter:
    """A future with a timer: a tenth of the cost of an event in a cancel scope, and there is one wait to a chunk."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._future = self._loop.create_future()

    def set(self) -> None:
        if not self._future.done():
            self._future.set_result(None)

    async def wait(self, timeout: float | None) -> None:
        timer = None if timeout is None else self._loop.call_later(timeout, self.set)
        try:
            await self._future
        finally:
            if timer is not None:
                timer.cancel()


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


# How long the ends of answers may take to be written when the program ends, in seconds.
_LAST_WORDS_S = 5.0

_TASKS = set[asyncio.Task[None]]()  # the loop itself refers to them weakly


def async_start(work: Callable[[], Coroutine[None, None, None]], name: str) -> None:
    """Run something in a task of its own, on asyncio."""
    task = asyncio.get_running_loop().create_task(work(), name=name)
    _TASKS.add(task)
    task.add_done_callback(_TASKS.discard)


def sync_start(work: Callable[[], None], name: str) -> None:
    """Run something in a thread of its own, which does not keep the program from ending."""
    threading.Thread(target=work, name=name, daemon=True).start()


class _Flushed(Protocol):
    def flush(self, timeout_s: float) -> object: ...


def async_at_exit(log: _Flushed) -> None:
    """Nothing: when a program ends, its event loop has ended already; a relay that is closed has its log flushed."""


def sync_at_exit(log: _Flushed) -> None:
    """Have a log flushed when the program ends, and the threads that write answers have."""
    known = weakref.ref(log)

    def flush() -> None:
        if (still := known()) is not None:
            still.flush(_LAST_WORDS_S)

    atexit.register(flush)


@asynccontextmanager
async def async_within(seconds: float) -> AsyncGenerator[None]:
    """Give the block up after so many seconds.

    Raises:
        TimeoutError: It was given up.
    """
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
