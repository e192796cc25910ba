"""Work beside the caller's, in tasks on asyncio or trio and in threads, and who notices its end."""

from __future__ import annotations

import asyncio
import atexit
import os
import queue
import signal
import threading
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext, suppress
from contextvars import copy_context
from functools import partial
from types import FrameType
from typing import Any, Protocol

import anyio

from gpo_client.exceptions import GPOConnectionError, UsageError
from gpo_client.http import processes
from gpo_client.http.network.backends import AsyncBackend, is_on_asyncio

_NAME, _CHORES_NAME = "gpo_client reader", "gpo_client chores"
# How long to wait for a thread whose connection has been closed under it. Reads of our own connections end at once;
# those of a foreign transport may not, and looking up a name cannot be hurried.
_PATIENCE_S = 5.0
# How long the ends of answers may take to be written when the program ends, in seconds.
_LAST_WORDS_S = 5.0


class _Background:
    """Whether it was started, and where: a process that is forked has none of its parent's threads and tasks."""

    _process: int | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started."""
        return self._process is not None

    @property
    def is_elsewhere(self) -> bool:
        """Whether it was started in the process that this one was forked from, where alone it goes on."""
        return self._process not in (None, os.getpid())

    def check_process(self, what: str) -> None:
        """See that it was not started elsewhere: nobody would ever have anything of it here.

        Raises UsageError if it was, about ``what`` comes of it.
        """
        if self.is_elsewhere:
            raise UsageError(processes.elsewhere(what))


class AsyncBackground(_Background):
    """A task beside the caller's, on asyncio or trio. What it raises is lost, so it has to tell of it otherwise."""

    def __init__(self) -> None:
        self._backend: AsyncBackend
        self._ended: anyio.Event | None = None
        self._scope: anyio.CancelScope | None = None

    def start(self, run: Callable[[], Awaitable[None]]) -> None:
        """Run it."""
        self._process = os.getpid()
        self._backend, self._ended, self._scope = AsyncBackend(), anyio.Event(), anyio.CancelScope()
        self._backend.spawn(partial(_quietly, run, self._ended, self._scope), _NAME)

    async def stop(self) -> None:
        """Bring it to its end and wait for that, if it was started."""
        if self._scope is not None:
            self._scope.cancel()
        await self.join()

    async def join(self) -> None:
        """Wait for its end, if it was started."""
        if self._ended is not None:
            with anyio.CancelScope(shield=True):
                await self._ended.wait()

    def soon(self, run: Callable[[], Awaitable[None]]) -> None:
        """Run something else beside it, asked from anywhere: a destructor may be called in any thread at any moment."""
        self._backend.soon(partial(self._backend.spawn, partial(_quietly, run), _NAME))


async def _quietly(
    run: Callable[[], Awaitable[None]], ended: anyio.Event | None = None, scope: anyio.CancelScope | None = None
) -> None:
    try:
        with scope or nullcontext():
            await run()
    except anyio.get_cancelled_exc_class():
        raise
    except BaseException:  # noqa: BLE001, S110 - trio would take it for a fault of its own
        pass
    finally:
        if ended is not None:
            ended.set()


class AsyncWatch:
    """Notices that the task which took last has failed or was cancelled: on asyncio, where others may go on without it.

    On trio a task that fails takes those beside it along.
    """

    def __init__(self, failed: Callable[[], object]) -> None:
        self._failed = failed
        self._task: asyncio.Task[Any] | None = None
        #: Whether it has.
        self.has_failed = False

    def attend(self) -> None:
        """Let the calling task take from now on."""
        task = asyncio.current_task() if is_on_asyncio() else None
        if task is not self._task:
            self.stop()
            self._task = task
            if task is not None:
                task.add_done_callback(self._ended)

    def stop(self) -> None:
        """Nobody takes any more."""
        if self._task is not None:
            self._task.remove_done_callback(self._ended)
            self._task = None

    def _ended(self, task: asyncio.Task[Any]) -> None:
        # Its exception is not looked at: asyncio would take that for handled, and not tell of it.
        if task is self._task and (task.cancelled() or task.get_stack(limit=1)):
            self.has_failed = True
            self._failed()


class SyncWatch:
    """The same for threads, which do not tell how they ended: what a thread drops is closed, all else has patience."""

    has_failed = False

    def __init__(self, failed: Callable[[], object]) -> None:
        pass

    def attend(self) -> None:
        """Nothing to do."""

    def stop(self) -> None:
        """Nothing to do."""


class SyncBackground(_Background):
    """A thread beside the caller's. What it raises is lost; it does not keep the program from ending."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def start(self, run: Callable[[], None]) -> None:
        """Run it."""
        try:
            _chores.attend()
            self._thread = _started(run)
        except RuntimeError as error:
            raise GPOConnectionError(
                f"no thread can be started to read beside the program ({error}): raise what this process may have"
                " (ulimit -u), or iterate the stream itself"
            ) from error
        self._process = os.getpid()

    def stop(self) -> None:
        """Wait for its end, if it was started: a thread ends when its connection does."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_PATIENCE_S)

    join = stop

    def soon(self, run: Callable[[], None]) -> None:
        """Run something else beside it, asked from anywhere: a destructor may be called in any thread at any moment."""
        _chores.soon(run)


class _Chores:
    """What destructors leave to be done, and the thread that does it.

    No destructor starts a thread: Python 3.11 waits for ever for one that is started as the program ends. The queue is
    one that may be put into at any moment, even amid its own methods; at the end of a program it is left as it is.
    """

    def __init__(self) -> None:
        self.after_fork()
        processes.register(self)

    def after_fork(self) -> None:
        """In a child: the thread is the parent's."""
        self._waiting: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_attended = False

    def attend(self) -> None:
        """See to it that there is the thread."""
        with self._lock:
            if not self._is_attended:
                threading.Thread(target=self._work, args=(self._waiting,), name=_CHORES_NAME, daemon=True).start()
                self._is_attended = True

    def soon(self, chore: Callable[[], object]) -> None:
        """Have something done soon, asked from anywhere."""
        self._waiting.put(chore)

    @staticmethod
    def _work(waiting: queue.SimpleQueue[Callable[[], object]]) -> None:
        while True:
            chore = waiting.get()
            with suppress(BaseException):
                chore()
            del chore  # what it holds is not to be held until the next


_chores = _Chores()


class Chores(Protocol):
    """Has something done where the caller may do nothing: amid a signal's handler, or in another thread."""

    def soon(self, work: Callable[[], object], /) -> None:
        """Have it done soon."""


def async_chores() -> Chores:
    """Return what does chores on the event loop that runs."""
    return AsyncBackend()


def sync_chores() -> Chores:
    """Return what does chores in a thread of its own."""
    _chores.attend()
    return _chores


def _started(run: Callable[[], None]) -> threading.Thread:
    context = copy_context()

    def quietly() -> None:
        with suppress(BaseException):
            context.run(run)

    thread = threading.Thread(target=quietly, name=_NAME, daemon=True)
    thread.start()
    return thread


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


_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class ShutdownWatch:
    """Calls back on SIGTERM and SIGINT, and then hands the signal on to whoever handled it before.

    Servers tell an application to shut down only after its responses have ended, and a stream would not end by itself.
    Outside the main thread, where Python has no signals, it does nothing. The ``callback`` must not block.
    """

    def __init__(self, callback: Callable[[], object]) -> None:
        self._callback = callback
        self._before: dict[int, Any] = {}

    def begin(self) -> None:
        """Begin to watch; the server must have set its own handlers already, as it has when the lifespan begins."""
        if threading.current_thread() is threading.main_thread() and not self._before:
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._notice)

    def end(self) -> None:
        """Put things back as they were, unless somebody else has changed them since."""
        for number, before in self._before.items():
            # What is None was set outside Python and cannot be put back.
            if before is not None and signal.getsignal(number) == self._notice:
                signal.signal(number, before)
        self._before.clear()

    def _notice(self, number: int, frame: FrameType | None) -> None:
        self._callback()
        before = self._before.get(number)
        if callable(before):
            before(number, frame)
        elif before == signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
