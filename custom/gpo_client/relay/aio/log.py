"""The log of running answers: what it must do, and the one in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Protocol
from weakref import WeakValueDictionary

from gpo_client.concurrency.waiting import AsyncSignal
from gpo_client.exceptions import warn_deprecated
from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.logbook import LogBook, LogLimits, LogPage, ReaderState


class RelayLog(Protocol):
    """Keeps running answers readable from any position, for browsers that come back.

    There are ``MemoryRelayLog`` and ``RedisRelayLog``; write another one to keep answers elsewhere.

    Methods may raise :class:`LogUnavailable` when it cannot be reached for the time being: browsers are then told to
    come back.

    Thread and task safety: a relay calls it from any number of tasks of one event loop at once.
    """

    #: How many entries of an answer are kept.
    max_events: int
    #: Whether it outlives the process, so that browsers can come back to another one.
    is_shared: bool

    async def begin(self, answer_id: str, owner: str, wanted_s: float) -> None:
        """Open the log of a new answer.

        Args:
            answer_id: Identifies it.
            owner: Who may read it, in the service's own terms.
            wanted_s: How long it is wanted without a sign of a reader, in seconds.

        Raises:
            LogFull: There is no room for another.
        """

    async def owner(self, answer_id: str) -> str | None:
        """Who may read an answer; None when it is not kept (any more)."""
        ...

    async def append(self, answer_id: str, entries: Sequence[Entry]) -> None:
        """Add entries; one whose position it has already counts as added.

        Raises:
            LogFull: The answer is too long.
        """

    async def read(self, answer_id: str, after: int, wait_s: float) -> LogPage:
        """Return what comes after a position; if there is nothing yet, wait up to so many seconds for it."""
        ...

    async def acknowledge(self, answer_id: str, position: int, wanted_s: float) -> None:
        """Note that a reader has had everything up to a position, and wants the answer for so many seconds more."""

    async def leave(self, answer_id: str, grace_s: float) -> None:
        """Note that a reader has left; if there is no other, the answer is wanted for so many seconds more."""

    async def stop(self, answer_id: str) -> None:
        """Nobody wants the answer any more, whoever may still read it."""

    async def reader_state(self, answer_id: str, beyond: int, wait_s: float) -> ReaderState:
        """How far readers are; wait up to so many seconds for one to get further than ``beyond``.

        The one who writes the answer calls this over and over. That is the log's sign that somebody still writes.
        """
        ...

    async def note(self, key: str, value: str, keep_s: float) -> None:
        """Keep a small fact for so many seconds, such as which answer belongs to a chat; an earlier value goes."""

    async def noted(self, key: str) -> str | None:
        """Return the value kept under a key; None when there is none (any more)."""
        ...

    async def flush(self, timeout_s: float) -> None:
        """Wait until everything has been written that was appended, but no longer than so many seconds."""

    def wake_readers(self, answer_id: str) -> None:
        """Have those who wait in ``read`` return at once: the service is shutting down, or there is something new."""


class MemoryRelayLog:
    """A log in the memory of this process: a browser must come back to the same process.

    Thread and task safety: it may be shared by any number of tasks of one event loop.

    Args:
        max_events: How many events of an answer are kept. Default 10,000.
        max_answers: How many answers are kept. When there are more, the ended one that was untouched for longest goes;
            when all are running, a new question is refused as ``busy``. Default 2,000.
        max_answer_bytes: How many bytes of an answer are kept, 200 for each event included; one that is longer ends
            with the problem ``too_long``. Default 16 MiB.
        max_bytes: How many bytes of all answers are kept; the same holds as for ``max_answers``. Default 512 MiB.
        retention_s: How long an answer is kept after it was last written or read, in seconds; a running one as long as
            somebody wants it. Default 300.
        clock: Seconds on a monotonic clock.

    Raises:
        InvalidArgumentError: A bound is no number above 0; ``field`` names it.
    """

    is_shared = False

    def __init__(
        self,
        *,
        max_events: int = 10_000,
        max_answers: int = 2_000,
        max_answer_bytes: int = 16 << 20,
        max_bytes: int = 512 << 20,
        retention_s: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.max_events = max_events
        limits = LogLimits(
            max_events=max_events,
            max_answers=max_answers,
            max_answer_bytes=max_answer_bytes,
            max_bytes=max_bytes,
            retention_s=retention_s,
        )
        #: What is kept; to be used under ``lock``, in which nothing is awaited.
        self.book = LogBook(limits)
        self.lock = Lock()
        self._clock = clock
        # A signal is there as long as somebody waits for it.
        self._written = WeakValueDictionary[str, AsyncSignal]()
        self._read = WeakValueDictionary[str, AsyncSignal]()

    @property
    def guard(self) -> Lock:
        """The old name of ``lock``."""
        warn_deprecated("MemoryRelayLog.guard", "MemoryRelayLog.lock", removed_in="0.3.0")
        return self.lock

    async def begin(self, answer_id: str, owner: str, wanted_s: float) -> None:
        """Open the log of a new answer; see :class:`RelayLog`."""
        with self.lock:
            self.book.begin(answer_id, owner, wanted_s, self._clock())

    async def owner(self, answer_id: str) -> str | None:
        """Who may read an answer; see :class:`RelayLog`."""
        with self.lock:
            answer = self.book.find(answer_id, self._clock())
            return None if answer is None else answer.owner

    async def append(self, answer_id: str, entries: Sequence[Entry]) -> None:
        """Add entries; see :class:`RelayLog`."""
        with self.lock:
            self.book.append(answer_id, entries, self._clock())
            signal = self._written.get(answer_id)
        if signal is not None:
            signal.notify_all()

    async def read(self, answer_id: str, after: int, wait_s: float) -> LogPage:
        """Return what comes after a position; see :class:`RelayLog`."""
        signal = self._signal(self._written, answer_id)
        count = signal.count
        page = self._page(answer_id, after)
        if page.entries or page.is_lost or not page.is_alive:
            return page
        await signal.wait(count, wait_s)
        return self._page(answer_id, after)

    async def acknowledge(self, answer_id: str, position: int, wanted_s: float) -> None:
        """Note that a reader is there; see :class:`RelayLog`."""
        with self.lock:
            self.book.acknowledge(answer_id, position, wanted_s, self._clock())
        self.wake_writer(answer_id)

    async def leave(self, answer_id: str, grace_s: float) -> None:
        """Note that a reader has left; see :class:`RelayLog`."""
        with self.lock:
            self.book.leave(answer_id, grace_s, self._clock())
        self.wake_writer(answer_id)

    async def stop(self, answer_id: str) -> None:
        """Nobody wants the answer any more; see :class:`RelayLog`."""
        with self.lock:
            if (answer := self.book.find(answer_id, self._clock())) is not None:
                answer.stopped = True
        self.wake_writer(answer_id)

    async def reader_state(self, answer_id: str, beyond: int, wait_s: float) -> ReaderState:
        """How far readers are; see :class:`RelayLog`."""
        signal = self._signal(self._read, answer_id)
        count = signal.count
        state = self._reader_state(answer_id)
        if state.position > beyond or not state.is_wanted:
            return state
        await signal.wait(count, wait_s)
        return self._reader_state(answer_id)

    async def note(self, key: str, value: str, keep_s: float) -> None:
        """Keep a small fact; see :class:`RelayLog`."""
        with self.lock:
            self.book.note(key, value, keep_s, self._clock())

    async def noted(self, key: str) -> str | None:
        """Return the value kept under a key; see :class:`RelayLog`."""
        with self.lock:
            return self.book.noted(key, self._clock())

    async def flush(self, timeout_s: float) -> None:
        """Nothing to wait for; see :class:`RelayLog`."""

    def wake_readers(self, answer_id: str) -> None:
        """Have those who wait for entries look again."""
        self._notify(self._written, answer_id)

    def wake_writer(self, answer_id: str) -> None:
        """Have the one who waits for readers look again."""
        self._notify(self._read, answer_id)

    def _page(self, answer_id: str, after: int) -> LogPage:
        with self.lock:
            answer = self.book.find(answer_id, self._clock())
            return LogPage(is_lost=True) if answer is None else answer.after(after)

    def _reader_state(self, answer_id: str) -> ReaderState:
        with self.lock:
            return self.book.reader_state(answer_id, self._clock())

    def _signal(self, signals: WeakValueDictionary[str, AsyncSignal], answer_id: str) -> AsyncSignal:
        with self.lock:
            return signals.setdefault(answer_id, AsyncSignal())

    def _notify(self, signals: WeakValueDictionary[str, AsyncSignal], answer_id: str) -> None:
        with self.lock:
            signal = signals.get(answer_id)
        if signal is not None:
            signal.notify_all()
