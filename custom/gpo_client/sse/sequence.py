"""Exactly once: which events of a stream are new, which are repeats, and where one is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from gpo_client.models.stream import StreamingChunk

# To write the numbers of a run of events one by one would take as long as all else that is checked of them.
_SMALL_NUMBERS = tuple(map(str, range(1000)))
_LAST_DIGITS = tuple(f"{number:03}" for number in range(1000))

# How many opaque ids are remembered, by their hashes. Of a longer stream the first ones and the last two are known.
_MOST_IDS = 10_000

# The last number in an id, and what stands around it.
_LAST_NUMBER = re.compile(rb"(.*?)([0-9]{1,18})([^0-9]*)", re.DOTALL)

# Times, and numbers of any kind.
_NUMBERS = re.compile(rb"[0-9TZ.:+-]*")


class EventCheck(Enum):
    """What to do with an event."""

    NEW = "new"
    REPEATED = "repeated"
    GAP = "gap"


class EventSequence:
    """The ids of a stream's events, over all its connections.

    The contract's ids are ``<message_id>:<sequence>``, counting from 1 without gaps, which makes every event new, a
    repeat or a sign that something is missing. Other servers' ids are opaque: of them each is new on its connection,
    and all that can be told is whether one has come before.

    Which are which is told from the ids alone. A stream whose first id ends in ``:1`` is taken to count, until an id of
    another form or with another prefix shows that it does not. What this may get wrong: opaque ids that begin with
    ``x:1`` and go on with ``x:3`` look like a gap, and end the stream with an error: a lesser evil than a hole in each
    answer that really lost its second event. A counted stream that lost its very first event looks opaque, because ids
    such as ``0:42`` are frequent, unless the chunk names the message that its id names. And ids such as
    ``1732752000:1`` are believed to count until the second passes, which changes nothing for whoever reads them.

    >>> sequence = EventSequence()
    >>> sequence.accept(b"m:1")
    >>> [sequence.judge(id).value for id in (b"m:1", b"m:2", b"m:3")]
    ['repeated', 'new', 'gap']
    """

    def __init__(self) -> None:
        #: The id that the next event must have; None: ids do not count.
        self.expected: bytes | None = None
        self._prefix = b""
        self._number = 0
        self._before = b""
        self._is_stepped_back = False
        self._seen: set[int] = set()
        #: The ids of the first and of the last event accepted; empty before there is one.
        self.first = self.last = b""
        #: Whether every event so far had an id of its own, so that the stream can be continued after the last one.
        self.resumable = True

    @property
    def last_event_id(self) -> str | None:
        """The id of the last event accepted; None before there is one."""
        return _text(self.last)

    @property
    def resume_after(self) -> str | None:
        """The id to continue after: the last one, unless :meth:`step_back` was called; None: from the beginning."""
        return _text(self._before if self._is_stepped_back else self.last)

    def step_back(self) -> None:
        """Continue one event earlier: a server that knows its ids then begins with one that is known here as well."""
        if self._number > 1:  # advance() has not noted it
            self._before = b"%b:%d" % (self._prefix, self._number - 1)
        self._is_stepped_back = True

    @property
    def is_stepped_back(self) -> bool:
        """Whether nothing has been accepted since the step back."""
        return self._is_stepped_back

    def judge(self, event_id: bytes) -> EventCheck:
        """Tell what to do with the event that has this id, on the connection that brought those before it."""
        if self.expected is None or event_id == self.expected:
            return EventCheck.NEW
        prefix, number = _parse(event_id)
        if number is None or prefix != self._prefix:
            return EventCheck.NEW  # so these ids do not count
        return EventCheck.GAP if number > self._number else EventCheck.REPEATED

    def lacks_beginning(self, event_id: bytes, chunk: StreamingChunk) -> bool:
        """Whether the event surely is not the first one, though nothing came before: its chunk says that ids count."""
        if self.last or not chunk.metadata:
            return False
        prefix, number = _parse(event_id)
        return number not in (None, 1) and chunk.metadata.get("message_id") == prefix.decode("utf-8", "replace")

    def knows(self, event_id: bytes) -> bool:
        """Whether an event with this id has been accepted."""
        if self.expected is None:
            return bool(event_id) and (event_id in (self.last, self._before) or hash(event_id) in self._seen)
        prefix, number = _parse(event_id)
        return number is not None and prefix == self._prefix and number <= self._number

    def expects(self, event_id: bytes) -> bool:
        """Whether the event with this id is surely the next one: ids count, and this is the next number."""
        return event_id == self.expected

    def foresees(self, event_id: bytes) -> bool:
        """Whether an opaque id follows the last one as that followed its own predecessor: ``5`` after ``3``, ``4``."""
        return self.expected is None and event_id == _following(self._before, self.last)

    def accept(self, event_id: bytes) -> None:
        """Note that the event has been read."""
        if event_id == self.expected:
            self._number += 1
        elif not self.last:
            prefix, number = _parse(event_id)
            self._prefix, self._number = prefix, int(number == 1)
            self.first = event_id
        elif self.expected is not None:
            self._stop_counting()
        if not self._number:
            self._remember(event_id)
        self._before, self.last = self.last, event_id
        self._is_stepped_back = False
        self.expected = b"%b:%d" % (self._prefix, self._number + 1) if self._number else None

    def become(self, other: EventSequence) -> None:
        """Go on as another sequence: that of a server that began again with new ids."""
        self.__dict__.update(other.__dict__)

    def _stop_counting(self) -> None:
        """Take the ids as opaque from here on: they look like the contract's no longer."""
        numbers = range(1, min(self._number, _MOST_IDS) + 1)
        self._seen.update(hash(b"%b:%d" % (self._prefix, number)) for number in numbers)
        self._number = 0

    def _remember(self, event_id: bytes) -> None:
        seen = hash(event_id)
        if seen in self._seen:
            self.resumable = False  # after which of the events that have this id?
        elif len(self._seen) < _MOST_IDS:
            self._seen.add(seen)

    @property
    def is_counted(self) -> bool:
        """Whether the id of the next event is known."""
        return self.expected is not None

    @property
    def is_surely_counted(self) -> bool:
        """Whether ids count, and begin as no time, partition or serial number does."""
        return self.is_counted and _NUMBERS.fullmatch(self._prefix) is None

    def next_ids(self, count: int, before: bytes) -> bytes:
        r"""Return the ids that the next events must have, if they are counted: lines that begin with ``before``.

        >>> sequence = EventSequence()
        >>> sequence.accept(b"m:1")
        >>> sequence.next_ids(2, before=b"id: ")
        b'id: m:2\nid: m:3'
        """
        start = (before + self._prefix + b":").decode("latin-1")  # any bytes, and back again
        return "\n".join(_numbered(start, self._number + 1, count)).encode("latin-1")

    def advance(self, count: int) -> None:
        """Note that the next ``count`` events, the ones with :meth:`next_ids`, have been read."""
        self._number += count
        self.last = self.expected if count == 1 and self.expected else b"%b:%d" % (self._prefix, self._number)
        self.expected = b"%b:%d" % (self._prefix, self._number + 1)


def _numbered(start: str, number: int, count: int) -> Iterator[str]:
    r"""``start`` with each of the numbers, one to a line, a thousand at a time.

    >>> list(_numbered("m:", 998, 4))
    ['m:998\nm:999', 'm:1000\nm:1001']
    """
    while count:
        thousands, rest = divmod(number, 1000)
        ends = (_LAST_DIGITS if thousands else _SMALL_NUMBERS)[rest : rest + count]
        line = f"{start}{thousands or ''}"
        yield line + f"\n{line}".join(ends)
        number += len(ends)
        count -= len(ends)


def _parse(event_id: bytes) -> tuple[bytes, int | None]:
    """Prefix and number of a contract id; the number is None for any other.

    >>> _parse(b"msg_1:42"), _parse(b"msg_1:042"), _parse(b"42")
    ((b'msg_1', 42), (b'msg_1', None), (b'', None))
    """
    prefix, colon, digits = event_id.rpartition(b":")
    # Only the canonical form counts: "007" and "7" would be different ids with the same number.
    canonical = bool(colon) and digits.isdigit() and len(digits) < 19 and not digits.startswith(b"0")
    return prefix, int(digits) if canonical else None


def _following(before: bytes, last: bytes) -> bytes | None:
    """Return the id that follows two others, if only the last number in them counts; after one id, the next number.

    >>> _following(b"", b"7"), _following(b"5", b"7"), _following(b"1732752000-0 a", b"1732752000-1 a")
    (b'8', b'9', b'1732752000-2 a')
    """
    found, earlier = _LAST_NUMBER.fullmatch(last), _LAST_NUMBER.fullmatch(before)
    if found is None:
        return None
    step = 1
    if earlier is not None and (earlier[1], earlier[3]) == (found[1], found[3]):
        step = int(found[2]) - int(earlier[2])
    return b"%b%b%b" % (found[1], b"%d" % (int(found[2]) + step), found[3]) if step > 0 else None


def _text(event_id: bytes) -> str | None:
    return event_id.decode("utf-8", "replace") if event_id else None
