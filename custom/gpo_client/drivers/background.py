"""Work beside the caller, and telling each other of it: in tasks and in threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import anyio


class AsyncMonitor:
    """What tasks wait on until something has changed. As tasks take turns, there is nothing to lock."""

    def __init__(self) -> None:
        self._changed = anyio.Event()

    async def wait(self, timeout: float | None = None) -> bool:
        """Wait for the next change, or until ``timeout`` seconds are over; whether there was one."""
        with anyio.move_on_after(timeout):
            await self._changed.wait()
            return True
        return False

    def notify_all(self) -> None:
        """Something has changed."""
        self._changed.set()
        self._changed = anyio.Event()

    async def __aenter__(self) -> Self:
        """Nothing to wait for."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing to give back."""


class SyncMonitor(threading.Condition):
    """The same for threads, with a lock around what they share."""

    def notify_all(self) -> None:
        """Something has changed."""
        with self:
            super().notify_all()


class AsyncBackground:
    """A task beside the caller's, on asyncio or trio. It must not raise."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._ended = anyio.Event()
        self.is_running = False

    def start(self, run: Callable[[], Awaitable[None]]) -> None:
        """Run it."""
        self.is_running = True
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            import trio  # it is there, or nothing would be running

            trio.lowlevel.spawn_system_task(self._run, run)
        else:
            self._task = loop.create_task(self._run(run))

    async def join(self) -> None:
        """Wait for its end, if it was started."""
        if self.is_running:
            await self._ended.wait()

    async def _run(self, run: Callable[[], Awaitable[None]]) -> None:
        try:
            await run()
        finally:
            self._ended.set()


class SyncBackground:
    """A thread beside the caller's. It must not raise, and does not keep the program from ending."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started."""
        return self._thread is not None

    def start(self, run: Callable[[], None]) -> None:
        """Run it."""
        self._thread = threading.Thread(target=run, name="gpo_client reader", daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait for its end, if it was started."""
        if self._thread is not None:
            self._thread.join()
