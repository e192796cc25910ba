"""What a log keeps and for how long: the rules that every log follows, and the book that a log in memory is."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import attrs

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.relay.machines.entries import Entry

#: The most entries that a reader is given at once.
PAGE_EVENTS = 256
#: How many notes are kept for each answer that may be kept: notes are small and last longer.
NOTES_PER_ANSWER = 10


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


def check_bounds(*, max_events: int, retention_s: float) -> None:
    """Refuse bounds that no log can have.

    Raises:
        InvalidArgumentError: One of them is not above 0.
    """
    if max_events < 1:
        raise InvalidArgumentError(f"max_events must be 1 or more, not {max_events!r}", field="max_events")
    if not retention_s > 0:
        raise InvalidArgumentError(f"retention_s must be more than 0 seconds, not {retention_s!r}", field="retention_s")


def page_of(entries: Sequence[Entry], after: int, *, is_alive: bool) -> LogPage:
    """The page for a reader, if what was found goes on where the reader is.

    Args:
        entries: The entries after ``after`` that are kept, in order.
        after: The reader's position.
        is_alive: As in the page.
    """
    if entries and entries[0].position != after + 1:
        return LogPage(is_lost=True)
    return LogPage(entries, is_alive=is_alive)


@attrs.define
class AnswerLog:
    """One answer's log in memory."""

    owner: str
    max_events: int
    #: Until when somebody is taken to be interested, on the clock.
    wanted_until: float
    #: When it was last written to or read.
    touched: float
    position: int = 0
    stopped: bool = False
    ended: bool = False
    _entries: deque[Entry] = attrs.field(factory=deque[Entry], init=False)

    def append(self, entries: Sequence[Entry]) -> None:
        """Add entries; what is more than ``max_events`` is dropped from the beginning."""
        self._entries.extend(entries)
        self.ended = self.ended or any(entry.is_last for entry in entries)
        while len(self._entries) > self.max_events:
            self._entries.popleft()

    def after(self, position: int) -> LogPage:
        """What comes after a position."""
        if not self._entries or self._entries[-1].position <= position:
            return LogPage(is_alive=not self.ended)
        first = max(0, position + 1 - self._entries[0].position)
        # By index, which is quick near the end, where readers are; a slice would copy the whole answer each time.
        found = [self._entries[index] for index in range(first, min(len(self._entries), first + PAGE_EVENTS))]
        return page_of(found, position, is_alive=True)


class LogBook:
    """The logs of many answers in memory. Sans-I/O: whoever calls says what time it is.

    Args:
        max_events: How many entries of an answer are kept.
        max_answers: How many answers are kept; then the one untouched for longest goes.
        retention_s: How long an answer is kept after it was last touched, in seconds.
    """

    def __init__(self, *, max_events: int, max_answers: int, retention_s: float) -> None:
        check_bounds(max_events=max_events, retention_s=retention_s)
        if max_answers < 1:
            raise InvalidArgumentError(f"max_answers must be 1 or more, not {max_answers!r}", field="max_answers")
        self.max_events = max_events
        self._max_answers = max_answers
        self._retention_s = retention_s
        # In the order in which they were touched.
        self._answers: dict[str, AnswerLog] = {}
        # In the order in which they were noted, each with the time until which it is kept.
        self._notes: dict[str, tuple[str, float]] = {}

    def __len__(self) -> int:
        """How many answers are kept."""
        return len(self._answers)

    def begin(self, answer_id: str, owner: str, wanted_s: float, now: float) -> None:
        """Open the log of an answer."""
        self._answers[answer_id] = AnswerLog(owner, self.max_events, wanted_until=now + wanted_s, touched=now)
        self._drop(now)

    def find(self, answer_id: str, now: float) -> AnswerLog | None:
        """The log of an answer, which counts as touching it; None when there is none (any more)."""
        self._drop(now)
        answer = self._answers.pop(answer_id, None)
        if answer is not None:
            self._answers[answer_id] = answer
            answer.touched = now
        return answer

    def reader_state(self, answer_id: str, now: float) -> ReaderState:
        """What the one who writes the answer should know."""
        if (answer := self.find(answer_id, now)) is None:
            return ReaderState(0, is_wanted=False)
        return ReaderState(answer.position, is_wanted=not answer.stopped and now < answer.wanted_until)

    def acknowledge(self, answer_id: str, position: int, wanted_s: float, now: float) -> None:
        """A reader is there, and will be missed only after ``wanted_s``."""
        if (answer := self.find(answer_id, now)) is not None:
            answer.position = max(answer.position, position)
            answer.wanted_until = max(answer.wanted_until, now + wanted_s)

    def leave(self, answer_id: str, grace_s: float, now: float) -> None:
        """A reader has left; others will say so again that they are there."""
        if (answer := self.find(answer_id, now)) is not None:
            answer.wanted_until = min(answer.wanted_until, now + grace_s)

    def note(self, key: str, value: str, keep_s: float, now: float) -> None:
        """Keep a small fact; when there are too many, the oldest go."""
        self._notes.pop(key, None)
        self._notes[key] = value, now + keep_s
        while len(self._notes) > self._max_answers * NOTES_PER_ANSWER:
            del self._notes[next(iter(self._notes))]

    def noted(self, key: str, now: float) -> str | None:
        """The value kept under a key; None when there is none (any more)."""
        value, until = self._notes.get(key, (None, now))
        return value if now < until else None

    def _drop(self, now: float) -> None:
        for answer_id, answer in list(self._answers.items()):
            if len(self._answers) <= self._max_answers and now - answer.touched <= self._retention_s:
                break
            del self._answers[answer_id]
