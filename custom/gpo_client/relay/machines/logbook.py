"""Running answers in memory: what is kept of each, for how long, and who is taken to read it."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from itertools import islice

import attrs

from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.options import number

#: The most entries that a reader is given at once.
PAGE_EVENTS = 256

#: How many notes are kept for each answer that may be kept: notes are small and last longer.
NOTES_PER_ANSWER = 10

# What an entry takes beside its text, roughly.
_ENTRY_BYTES = 200


class LogFull(Exception):  # noqa: N818 - an event, not an error
    """A log takes no more: the answer is over its bound, or the whole log is over its own.

    Args:
        position: The last position of the answer that it has taken.
    """

    def __init__(self, position: int = 0) -> None:
        super().__init__(position)
        self.position = position


class LogUnavailable(Exception):  # noqa: N818 - an event, not an error
    """A log cannot be reached at the moment; it is worth coming back."""


def _as_tuple(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(entries)


@attrs.frozen
class LogPage:
    """What a log says to a reader.

    Attributes:
        entries: What comes after the reader's position, without gaps; possibly nothing yet.
        is_lost: What comes next is not kept (any more), so that the reader cannot go on.
        is_alive: Somebody is still writing; when not, and the last entry is missing, nothing more will come.
    """

    entries: Sequence[Entry] = attrs.field(default=(), converter=_as_tuple)
    is_lost: bool = False
    is_alive: bool = True


@attrs.frozen
class ReaderState:
    """What a log says to the one who writes an answer.

    Attributes:
        position: How far a reader has got.
        is_wanted: Whether somebody reads it, or did a short time ago, and nobody has stopped it.
    """

    position: int
    is_wanted: bool


@attrs.frozen(kw_only=True)
class LogLimits:
    """What a log keeps, in the terms of :class:`gpo_client.relay.MemoryRelayLog`.

    Raises:
        InvalidArgumentError: A bound is no number above 0; ``field`` names it.
    """

    max_events: int = attrs.field(default=10_000, validator=number(1, is_whole=True))
    max_answer_bytes: int = attrs.field(default=16 << 20, validator=number(1, is_whole=True))
    max_bytes: int = attrs.field(default=512 << 20, validator=number(1, is_whole=True))
    max_answers: int = attrs.field(default=2_000, validator=number(1, is_whole=True))
    retention_s: float = attrs.field(default=300.0, validator=number(0.001))


@attrs.define
class AnswerLog:
    """One answer in memory."""

    owner: str
    limits: LogLimits
    #: Until when somebody is taken to be interested, on the clock.
    wanted_until: float
    #: When it was last written to or read.
    touched: float
    #: How far a reader has got.
    position: int = 0
    #: The position of the last entry.
    written: int = 0
    #: Bytes that it takes.
    size: int = 0
    stopped: bool = False
    ended: bool = False
    #: Whether somebody writes it; with ``ended`` nobody has to.
    is_alive: bool = True
    is_lost: bool = False
    _entries: deque[Entry] = attrs.field(factory=deque[Entry], init=False)

    def append(self, entries: Sequence[Entry]) -> None:
        """Add those that are not there yet; what is more than ``max_events`` is dropped from the beginning. Raises
        LogFull: the answer would be too long; its last entry is always taken.
        """
        for entry in entries:
            if entry.position <= self.written:
                continue
            size = len(entry.data) + _ENTRY_BYTES
            if self.size + size > self.limits.max_answer_bytes and not entry.is_last:
                raise LogFull(self.written)
            self._entries.append(entry)
            self.size += size
            self.written = entry.position
            self.ended = entry.is_last
        while len(self._entries) > self.limits.max_events:
            self.size -= len(self._entries.popleft().data) + _ENTRY_BYTES

    @property
    def first(self) -> int:
        """The position of the first entry that is kept, or of the next one."""
        return self.written - len(self._entries) + 1

    def after(self, position: int, most: int = PAGE_EVENTS) -> LogPage:
        """Return what comes after a position."""
        if self.written <= position:
            return LogPage(is_lost=self.is_lost, is_alive=self.is_alive and not self.ended)
        first = self.first
        if position + 1 < first:
            return LogPage(is_lost=True)
        ahead = self.written - position
        if ahead <= most:
            # From the end, where readers are: a deque is quick there, and a long answer is not walked through.
            newest = list(islice(reversed(self._entries), ahead))
            return LogPage(newest[::-1])
        return LogPage(islice(self._entries, position + 1 - first, position + 1 - first + most))  # type: ignore[arg-type]

    def is_wanted(self, now: float) -> bool:
        """Whether somebody reads it, or did a short time ago, and nobody has stopped it."""
        return not self.stopped and now < self.wanted_until


class LogBook:
    """The logs of many answers in memory. Sans-I/O: whoever calls says what time it is."""

    def __init__(self, limits: LogLimits) -> None:
        self.limits = limits
        self._size = 0
        # In the order in which they were touched.
        self._answers: OrderedDict[str, AnswerLog] = OrderedDict()
        # In the order in which they were noted, each with the time until which it is kept.
        self._notes: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def __len__(self) -> int:
        """How many answers are kept."""
        return len(self._answers)

    def begin(self, answer_id: str, owner: str, wanted_s: float, now: float) -> AnswerLog:
        """Open the log of an answer. Raises LogFull if there is no room for another."""
        self._expire(now)
        while len(self._answers) >= self.limits.max_answers or self._size >= self.limits.max_bytes:
            self._make_room()
        answer = self._answers[answer_id] = AnswerLog(owner, self.limits, wanted_until=now + wanted_s, touched=now)
        return answer

    def find(self, answer_id: str, now: float) -> AnswerLog | None:
        """Return the log of an answer, which counts as touching it; None when there is none (any more)."""
        self._expire(now)
        answer = self._answers.get(answer_id)
        if answer is not None:
            self._touch(answer_id, answer, now)
        return answer

    def append(self, answer_id: str, entries: Sequence[Entry], now: float) -> None:
        """Add entries to an answer; those that it has already count as added. Raises LogFull: the answer is too long,
        or all are and none can go.
        """
        if (answer := self._answers.get(answer_id)) is None:
            return
        self._answers.move_to_end(answer_id)  # as _touch does, without a call: each chunk comes here
        answer.touched = now
        before = answer.size
        try:
            answer.append(entries)
        finally:
            self._size += answer.size - before
        while self._size > self.limits.max_bytes and not answer.ended:
            self._make_room(answer.written)

    def note(self, key: str, value: str, keep_s: float, now: float) -> None:
        """Keep a small fact; when there are too many, the oldest go."""
        self._notes.pop(key, None)
        self._notes[key] = value, now + keep_s
        while len(self._notes) > self.limits.max_answers * NOTES_PER_ANSWER:
            self._notes.popitem(last=False)

    def noted(self, key: str, now: float) -> str | None:
        """Return the value kept under a key; None when there is none (any more)."""
        value, until = self._notes.get(key, (None, now))
        return value if now < until else None

    def reader_state(self, answer_id: str, now: float) -> ReaderState:
        """Return what the one who writes the answer should know."""
        if (answer := self.find(answer_id, now)) is None:
            return ReaderState(0, is_wanted=False)
        return ReaderState(answer.position, is_wanted=answer.is_wanted(now))

    def acknowledge(self, answer_id: str, position: int, wanted_s: float, now: float) -> None:
        """Note that a reader is there, and will be missed only after ``wanted_s``."""
        if (answer := self.find(answer_id, now)) is not None:
            answer.position = max(answer.position, position)
            answer.wanted_until = max(answer.wanted_until, now + wanted_s)

    def leave(self, answer_id: str, grace_s: float, now: float) -> None:
        """Note that a reader has left; others will say so again that they are there."""
        if (answer := self.find(answer_id, now)) is not None:
            answer.wanted_until = min(answer.wanted_until, now + grace_s)

    def forget(self, answer_id: str) -> None:
        """Drop an answer, if it is there."""
        if (answer := self._answers.pop(answer_id, None)) is not None:
            self._size -= answer.size

    def _touch(self, answer_id: str, answer: AnswerLog, now: float) -> None:
        self._answers.move_to_end(answer_id)
        answer.touched = now

    def _expire(self, now: float) -> None:
        while self._answers:
            answer_id, answer = next(iter(self._answers.items()))
            if now - answer.touched <= self.limits.retention_s:
                return
            if answer.ended or not answer.is_wanted(now):
                self.forget(answer_id)
            else:
                self._touch(answer_id, answer, now)  # somebody reads it, or is waited for

    def _make_room(self, position: int = 0) -> None:
        """Drop the ended answer that was untouched for longest. Raises LogFull if none has ended."""
        oldest = next((answer_id for answer_id, answer in self._answers.items() if answer.ended), None)
        if oldest is None:
            raise LogFull(position)
        self.forget(oldest)
