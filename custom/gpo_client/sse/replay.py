"""Exactly once over a new connection: what it brings is held against what had arrived before the last one broke."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
import msgspec

from gpo_client.models.stream import CitationSource, StreamingChunk
from gpo_client.sse.event_kinds import Malformed, Unproven
from gpo_client.sse.sequence import EventCheck, EventSequence


@attrs.frozen(kw_only=True)
class Past:
    """What has been delivered of an answer over earlier connections, to hold against what a new one brings."""

    text: str | None = None  # the text; None when it is not known in full
    chunk_count: int = 0  # how many chunks it came in
    metadata: dict[str, Any] = attrs.field(factory=dict[str, Any])  # the chunks' metadata, merged
    sources: Sequence[CitationSource] = ()  # the sources

    def has_rest_of(self, chunk: StreamingChunk) -> bool:
        """Whether all that a chunk carries besides text has been delivered."""
        known = {source.id for source in self.sources}
        return all(source.id in known for source in chunk.sources or ()) and all(
            name in self.metadata and self.metadata[name] == value for name, value in (chunk.metadata or {}).items()
        )


# How many chunks are held back at most, while it is open whether they are new.
_MOST_HELD = 10_000

Chunks = list[StreamingChunk]


@attrs.frozen
class _Event:
    """An event in which a connection brought something."""

    id: bytes
    chunk: StreamingChunk | None

    @property
    def text(self) -> str:
        return (self.chunk.content if self.chunk else None) or ""

    @property
    def is_last(self) -> bool:
        return self.chunk is not None and self.chunk.is_complete


class Replay:
    """The beginning of a connection after the first: told apart into what is new and what had arrived.

    A server that keeps the contract goes on with the next number, and that is the end of it. What else a server may do
    with ``Last-Event-ID``, it is given away by ids and text:

    - It begins with an event whose id is known. Those are repeats, up to the last event that had arrived; their text
      must be the end of the text that had arrived, or all of it, if the first event is among them.
    - Its first id is the one that was to come, as ``3`` comes after ``1`` and ``2``. It is believed, but what comes is
      held back as long as it could be the beginning of the answer once more.
    - Its first id is any other. Then nobody knows where it goes on, and the question is to be asked again, from one
      event earlier (``Unproven``): a server that knows its own ids begins with a known one then.
    - It does not even then, or its ids are those of another answer. Then it has begun again: what comes must be the
      text and the sources that had arrived, and is passed over; the rest is new.

    Wherever that does not match, the stream ends (``Malformed``) with what had arrived: better half an answer than one
    that is mixed of two.

    Args:
        sequence: The ids so far.
        past: What had arrived.
    """

    def __init__(self, sequence: EventSequence, past: Past) -> None:
        self._sequence = sequence
        self._past = past
        self._step: Callable[[_Event], Chunks] = self._begin
        self._first_id = b""
        self._last_again = _Event(b"", None)
        self._again: list[str] = []
        self._sources: set[str | None] = set()  # what has come again of the sources
        self._position = 0  # how much of the text that had arrived has come again
        self._held: list[_Event] = []
        self._fresh = EventSequence()
        #: Whether the connection is past what had arrived: all that follows is new.
        self.is_over = False
        #: Why there is nothing to be had from this connection; None: there is.
        self.end: Malformed | Unproven | None = None

    def take(self, event_id: bytes, chunk: StreamingChunk | None) -> Chunks:
        """Return the new chunks that an event (without an id of its own: ``b""``) brings; it may hold none."""
        event = _Event(event_id, chunk)
        chunks = self._step(event)
        if event.is_last and not self.is_over and self.end is None:
            self._differs()  # a repeat cannot be the end
        return chunks

    def _begin(self, event: _Event) -> Chunks:
        sequence, self._first_id = self._sequence, event.id
        if sequence.expects(event.id) or (sequence.foresees(event.id) and not self._past.text):
            return self._go_on([event])
        if sequence.knows(event.id):
            self._step = self._repeat
        elif sequence.is_counted and sequence.judge(event.id) is EventCheck.GAP:
            return self._missing(event)
        elif sequence.is_surely_counted or sequence.is_stepped_back or not self._past.chunk_count:
            self._step = self._begin_again
        elif sequence.foresees(event.id):
            self._step = self._hold
        else:
            return self._unproven()
        return self._step(event)

    def _repeat(self, event: _Event) -> Chunks:
        """Events whose ids are known."""
        if not self._sequence.knows(event.id):
            is_same = self._is_same() and self._last_again.id == self._sequence.last
            return self._go_on([event]) if is_same else self._differs()
        if event.id == self._last_again.id:  # twice in a row, or its id does not tell it from others
            return [] if event == self._last_again else self._differs()
        self._last_again = event
        self._see(event)
        self._position += len(event.text)
        if self._past.text is not None:
            self._again.append(event.text)
            if self._position > len(self._past.text):
                return self._differs()
        return []

    def _is_same(self) -> bool:
        """Whether the repeats have the text that had arrived, from wherever they began."""
        past, again = self._past.text, "".join(self._again)
        if self._first_id != self._sequence.first:
            return past is None or past.endswith(again)
        return past is None or (past == again and self._has_sources_again())

    def _hold(self, event: _Event) -> Chunks:
        """Events whose ids are the right ones, and whose text may be the beginning of the answer once more."""
        self._held.append(event)
        if not self._comes_again(event.text):
            return self._go_on(self._held)
        self._position += len(event.text)
        if self._position >= len(self._past.text or "") or len(self._held) > _MOST_HELD:
            return self._unproven()
        return self._go_on(self._held) if event.is_last else []

    def _begin_again(self, event: _Event) -> Chunks:
        """Events of an answer that begins once more, under ids of its own."""
        if (check := self._fresh.judge(event.id)) is EventCheck.GAP:
            return self._missing(event, self._fresh)
        if check is EventCheck.REPEATED:
            return []
        if self._past.text is None or not self._comes_again(event.text):
            return self._differs()
        rest = len(self._past.text) - self._position
        self._position += min(len(event.text), rest)
        if event.is_last and len(event.text) < rest:
            return self._differs()  # it ends too soon
        if len(event.text) > rest or event.is_last or self._is_new_rest(event, rest):
            return self._go_on_with_fresh(_after(event, rest))
        self._see(event)
        self._note(self._fresh, event)
        return []

    def _go_on_with_fresh(self, event: _Event) -> Chunks:
        if not self._has_sources_again():
            return self._differs()
        self._sequence.become(self._fresh)
        return self._go_on([event])

    def _see(self, event: _Event) -> None:
        self._sources.update(source.id for source in (event.chunk.sources if event.chunk else None) or ())

    def _has_sources_again(self) -> bool:
        """Whether the sources that had arrived have come again, so that none comes twice after what is new."""
        return all(source.id in self._sources for source in self._past.sources)

    def _is_new_rest(self, event: _Event, rest: int) -> bool:
        """Whether an event without text, past all the text that had arrived, has sources or metadata that are new."""
        chunk = event.chunk
        return not rest and not event.text and chunk is not None and not self._past.has_rest_of(chunk)

    def _comes_again(self, text: str) -> bool:
        """Whether a text is what had arrived at this place, as far as that goes."""
        past = self._past.text or ""
        return past.startswith(text[: len(past) - self._position], self._position)

    def _go_on(self, events: list[_Event]) -> Chunks:
        """From these events on all is new."""
        chunks: Chunks = []
        for event in events:
            if self._sequence.judge(event.id) is EventCheck.GAP:
                self._missing(event)
                return chunks
            self._note(self._sequence, event)
            chunks += [event.chunk] if event.chunk is not None else []
        self.is_over = True
        return chunks

    @staticmethod
    def _note(sequence: EventSequence, event: _Event) -> None:
        if event.id:
            sequence.accept(event.id)
        elif event.chunk is not None:
            sequence.resumable = False

    def _missing(self, event: _Event, sequence: EventSequence | None = None) -> Chunks:
        self.end = missing(event.id, sequence or self._sequence)
        return []

    def _unproven(self) -> Chunks:
        self.end = Unproven(f"{_shown(self._first_id)} does not tell whether the server continues the answer")
        return []

    def _differs(self) -> Chunks:
        last = _shown(self._sequence.last)
        self.end = Malformed(
            f"the server does not continue the answer: from {_shown(self._first_id)} on it sends something else than"
            f" what had arrived up to {last}"
        )
        return []


def missing(event_id: bytes, sequence: EventSequence) -> Malformed:
    """Return the end of a stream in which an event shows by its id that one before it is missing."""
    last = sequence.last_event_id or "the beginning"
    return Malformed(f"events are missing: {event_id.decode('utf-8', 'replace')!r} came after {last!r}")


def _after(event: _Event, size: int) -> _Event:
    """Return an event without the first characters of its text."""
    if event.chunk is None:
        return event
    return attrs.evolve(event, chunk=msgspec.structs.replace(event.chunk, content=event.text[size:] or None))


def _shown(event_id: bytes) -> str:
    return f"event {event_id[:200].decode('utf-8', 'replace')!r}" if event_id else "an event without an id"
