"""Exactly once: which events of a stream are new, which are repeats, and where one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

# To write the numbers of a run of events one by one would take as long as all else that is checked of them.
_SMALL_NUMBERS = tuple(map(str, range(1000)))
_LAST_DIGITS = tuple(f"{number:03}" for number in range(1000))


class Verdict(Enum):
    """What to do with an event."""

    NEW = "new"
    REPEATED = "repeated"
    GAP = "gap"


class EventSequence:
    """The ids of a stream's events, over all its connections.

    The contract's ids are ``<message_id>:<sequence>``, counting from 1 without gaps, which makes every event new, a
    repeat or a sign that something is missing. Other servers' ids are opaque: only the repetition of the last one can
    be told.

    >>> sequence = EventSequence()
    >>> sequence.accept(b"m:1")
    >>> [sequence.judge(id).value for id in (b"m:1", b"m:2", b"m:3")]
    ['repeated', 'new', 'gap']
    """

    def __init__(self) -> None:
        self._expected: bytes | None = None
        self._prefix = b""
        self._number = 0
        self._last = b""
        self._first_on_connection = True
        #: Whether every event so far had an id of its own, so that the stream can be continued after the last one.
        self.resumable = True

    @property
    def last_event_id(self) -> str | None:
        """The id of the last event accepted; None before there is one."""
        return self._last.decode("utf-8", "replace") if self._last else None

    def begin_connection(self) -> None:
        """Events come over a new connection, which may begin with repeats."""
        self._first_on_connection = True

    def judge(self, event_id: bytes) -> Verdict:
        """What to do with the event that has this id of its own."""
        if event_id == self._expected:
            return Verdict.NEW
        if self._expected is None and self._last:
            # Opaque ids so far. The last one again is a repeat on a new connection; on the same one it is a server
            # that gives all its events one id.
            return Verdict.REPEATED if self._first_on_connection and event_id == self._last else Verdict.NEW
        return self._judge_number(*_parse(event_id))

    def accept(self, event_id: bytes) -> None:
        """Note that the event has been read."""
        self._first_on_connection = False
        if event_id == self._last:
            self.resumable = False  # after which of the events that have this id?
        if event_id == self._expected:
            self._number += 1
        elif not self._last:
            self._prefix, number = _parse(event_id)
            self._number = number or 0
        self._last = event_id
        self._expected = b"%b:%d" % (self._prefix, self._number + 1) if self._number else None

    @property
    def is_counted(self) -> bool:
        """Whether the id of the next event is known."""
        return self._expected is not None

    def next_ids(self, count: int, before: bytes) -> bytes:
        """The ids that the next events must have, if they are counted.

        Args:
            count: How many events.
            before: What to put before each id. A line feed stands between them.
        """
        start = (before + self._prefix + b":").decode("latin-1")  # any bytes, and back again
        return "\n".join(_numbered(start, self._number + 1, count)).encode("latin-1")

    def advance(self, count: int) -> None:
        """Note that the next ``count`` events, the ones with :meth:`next_ids`, have been read."""
        self._number += count
        self._last = b"%b:%d" % (self._prefix, self._number)
        self._expected = b"%b:%d" % (self._prefix, self._number + 1)

    def _judge_number(self, prefix: bytes, number: int | None) -> Verdict:
        if not self._last:
            # The first event: of opaque ids any will do, the contract's begin with 1.
            return Verdict.NEW if number in (None, 1) else Verdict.GAP
        if number is None or prefix != self._prefix or number > self._number:
            return Verdict.GAP  # another answer, or something is missing in between
        return Verdict.REPEATED


def _numbered(start: str, number: int, count: int) -> Iterator[str]:
    """``start`` with each of the numbers, one to a line, a thousand at a time."""
    while count:
        thousands, rest = divmod(number, 1000)
        ends = (_LAST_DIGITS if thousands else _SMALL_NUMBERS)[rest : rest + count]
        line = f"{start}{thousands or ''}"
        yield line + f"\n{line}".join(ends)
        number += len(ends)
        count -= len(ends)


def _parse(event_id: bytes) -> tuple[bytes, int | None]:
    """Prefix and number of a contract id; the number is None for any other."""
    prefix, colon, digits = event_id.rpartition(b":")
    # Only the canonical form counts: "007" and "7" would be different ids with the same number.
    canonical = bool(colon) and digits.isdigit() and len(digits) < 19 and not digits.startswith(b"0")
    return prefix, int(digits) if canonical else None
