"""Chunks from server-sent events."""

from __future__ import annotations

import sys
from bisect import bisect_left

import msgspec

from gpo_client.models.json_text import containers_in, has_too_many_values
from gpo_client.models.stream import StreamingChunk
from gpo_client.sse.chunk_decoder import (
    TOO_DEEP,
    UNREADABLE,
    SteppingDecoder,
    chunk_json,
    has_any,
    may_have_halves,
    read_chunk,
    with_unknown_parts,
)
from gpo_client.sse.event_kinds import (
    Complete,
    EventNames,
    Malformed,
    Oversized,
    ServerProblem,
    read_problem,
    tells_of_error,
)
from gpo_client.sse.lenient import LenientEventParser
from gpo_client.sse.parser import RawEvent
from gpo_client.sse.replay import Past, missing
from gpo_client.sse.sequence import EventCheck, EventSequence

# So many lists and objects beside the chunks themselves are made at once. From 700 on Python's collector looks at them,
# and what it finds alive it takes for lasting.
_MOST_CONTAINERS = 500

# An event with no more bytes has neither too many values, nor takes it long to read.
_SHORT = 2000


class EventChunkDecoder(SteppingDecoder):
    """Chunks from ``text/event-stream``, one to each event.

    Nearly all events are regular: the next id, one line of data, a blank line. A run of them is checked and decoded
    at once; any other event goes through the parser line by line, and so would these, to the same effect. After
    ``m:41`` these are a run of two::

        id: m:42
        data: {"content": "Mexico "}

        id: m:43
        data: {"content": "taxes"}

    and none are, among others, ``event: ping``, ``data:{"content": "a"}`` (no space), ``id: m:44`` in the place of
    ``m:43``, and a run in which anything follows ``"is_complete": true``.
    """

    def __init__(
        self,
        max_event_bytes: int | None = None,
        sequence: EventSequence | None = None,
        past: Past | None = None,
        names: EventNames | None = None,
    ) -> None:
        super().__init__(max_event_bytes, sequence, past, names)
        self._last: StreamingChunk | None = None  # what the last event with an id brought
        self._parser = LenientEventParser(max_event_bytes)
        self._held = 0  # bytes of an unfinished event
        self._expects_run = False  # not before the first event: only after it the next id is known
        self._may_be_alone = True  # whether an event that comes alone is tried to be read as such
        self._may_run = False  # whether the portion may be regular, and nothing in it too large or of too many values

    def feed(self, data: bytes, most: int = sys.maxsize) -> list[StreamingChunk]:
        """Return the chunks that ``data`` completes; given ``most``, those of a first step: more wait."""
        if self._expects_run and not self._held and self._may_be_alone and (chunk := self._alone(data)) is not None:
            return [chunk]
        return super().feed(data, most)

    def _alone(self, data: bytes) -> StreamingChunk | None:
        """Return the chunk of bytes that are the next event, regular and whole, and no more: most that are waited for.

        It is what a run of one would bring, in a third of the time. None: they are anything else, or not to be read so.
        """
        if (expected := self._sequence.expected) is None or len(data) > min(_SHORT, self._limit):
            return None
        start = b"id: %b\ndata: " % expected
        if not (data.startswith(start) and data.endswith(b"\n\n")):
            return None
        document = data[len(start) : -2]
        if b"\n" in document or b"\r" in document or self.end is not None:
            return None
        try:
            chunk = chunk_json.decode(document)
            if chunk.sources:
                chunk = with_unknown_parts(chunk, document)
        except UNREADABLE:
            # Decoded once in vain, it is for the parser; and those to come, of a newer server perhaps, for runs.
            self._expects_run = self._may_be_alone = False
            return None
        self._sequence.advance(1)
        self._last = chunk
        if chunk.is_complete:
            self.end = Complete()
        return chunk

    def _cut(self, portion: bytes, chunks: list[StreamingChunk], /) -> list[bytes]:
        """Cut bytes into lines, and read them if all of them are regular text."""
        self._may_run = self._held + len(portion) <= self._limit and not has_too_many_values(
            portion, self._limit, is_event=True
        )
        lines, step = self._parser.split(portion), self._step
        if self._may_run and (len(portion) <= step or _is_plain(portion, len(lines))):
            lines = self._run(lines, chunks, step)
        if not lines and not self._may_run:
            self._read([], chunks)  # the line that goes on may be too long
        self._held = self._parser.pending
        return lines

    def _rest_of_event(self, lines: list[bytes], chunks: list[StreamingChunk]) -> list[bytes]:
        """Read what is left of an event that came in part, if it is no large one; what is left are the lines after it.

        A read that ended in ``data: {"cont`` is followed by one whose first lines are ``data: {"content": "a"}`` (the
        splitter has put the halves together) and a blank one. From there on events may be regular.
        """
        count = lines.index(b"") + 1
        if self._parser.data_size + sum(map(len, lines[:count])) > self._most:
            return lines
        self._read(lines[:count], chunks)
        return lines[count:]

    def _lines(self, lines: list[bytes], chunks: list[StreamingChunk]) -> None:
        """Read lines: what is regular of them in a run."""
        if self._may_run:
            lines = self._run(lines, chunks, sys.maxsize)
        self._read(lines, chunks, is_all=not self._has_lines)
        self._held = self._parser.pending

    @property
    def _pending(self) -> int:
        return self._parser.data_size

    def close(self) -> list[StreamingChunk]:
        """Return the end of the bytes: the chunks that are complete only now."""
        chunks: list[StreamingChunk] = []
        if self.end is None:
            self._events(self._parser.close(), chunks)
        return chunks

    def _run(self, lines: list[bytes], chunks: list[StreamingChunk], most: int) -> list[bytes]:
        """Read whole events, if all of them are regular; what is left are the lines after them."""
        if not self._expects_run and b"" in lines:
            lines = self._rest_of_event(lines, chunks)
        count = len(lines) // 3
        if not (count and self._expects_run) or self.end is not None:
            return lines
        found = _regular_chunks(lines[: 3 * count], self._sequence.next_ids(count, b"id: "), most)
        if not found:
            self._may_run = found is not None  # else nothing of the portion is tried, and decoded, once more
            return lines
        chunks += found
        self._sequence.advance(count)
        self._last = found[-1]
        if found[-1].is_complete:
            self.end = Complete()
        return lines[3 * count :]

    def _read(self, lines: list[bytes], chunks: list[StreamingChunk], *, is_all: bool = True) -> None:
        """Read any lines, event by event."""
        self._events(self._parser.read(lines, is_all=is_all), chunks)
        # Not while anything of an event depends on what came before it.
        is_regular = self._sequence.is_counted and self._replay is None and not self._half
        self._expects_run = is_regular and self._parser.is_between_events

    def _events(self, events: list[RawEvent], chunks: list[StreamingChunk]) -> None:
        self.retry = self._parser.retry
        for event in events:
            if self.end is not None:
                return
            try:
                self._event(event, chunks)
            except RecursionError:  # what could just be read cannot be compared
                self.end = TOO_DEEP
        if self._parser.oversized and self.end is None:
            self.end = Oversized()

    def _event(self, event: RawEvent, chunks: list[StreamingChunk]) -> None:
        kind, data, event_id, _, has_own_id = event  # such as (b"", b'{"content": "a"}', b"m:42", None, True)
        is_numbered = has_own_id and bool(event_id)  # emptied is as good as none
        if self._replay is not None:
            self._last = self._content(kind, data)
            self._take(event_id if is_numbered else b"", self._last, chunks)
        elif not is_numbered:
            if (chunk := self._content(kind, data)) is not None:
                chunks.append(chunk)
                self._sequence.resumable = self._sequence.resumable and self.end is not None
        elif (check := self._sequence.judge(event_id)) is EventCheck.GAP:
            self.end = missing(event_id, self._sequence)
        elif check is EventCheck.NEW:
            self._numbered(event_id, self._content(kind, data), chunks)
        elif event_id == self._sequence.last:
            chunk = self._content(kind, data)
            # The last event once more. But two events of one id that differ are no repeats: then ids do not count.
            if chunk is not None and chunk != self._last and not self._half:
                self._numbered(event_id, chunk, chunks)

    def _numbered(self, event_id: bytes, chunk: StreamingChunk | None, chunks: list[StreamingChunk]) -> None:
        if chunk is not None:
            if not self._sequence.last and self._sequence.lacks_beginning(event_id, chunk):
                self.end = missing(event_id, self._sequence)
                return
            chunks.append(chunk)
        if not isinstance(self.end, Malformed):
            self._sequence.accept(event_id)
            self._last = chunk

    def _content(self, kind: bytes, data: bytes) -> StreamingChunk | None:
        """Return the chunk in an event, if there is one; and ``end``, if it is the end of the stream."""
        if kind == b"error":
            self.end = ServerProblem(read_problem(data))
        elif data and (not kind or self._names.are_chunks(kind, data)) and not self._is_excessive(data):
            return self._document(data)
        return None


def _is_plain(portion: bytes, lines: int) -> bool:
    """Whether there is little but text in a portion of so many lines: each chunk is an object, of three of them."""
    return containers_in(portion) - lines // 3 <= _MOST_CONTAINERS


def _regular_chunks(lines: list[bytes], ids: bytes, most: int) -> list[StreamingChunk] | None:
    r"""Return the chunks of regular events, three lines for each, with these ids, one after the other.

    None when the lines are anything else; none, if there is too much besides text (``most`` bytes) to read it at once.

    >>> lines = [b"id: m:2", b'data: {"content": "a"}', b"", b"id: m:3", b'data: {"content": "b"}', b""]
    >>> [chunk.content for chunk in _regular_chunks(lines, b"id: m:2\nid: m:3", 8192)]
    ['a', 'b']
    >>> _regular_chunks(lines[3:], b"id: m:2", 8192) is None
    True
    """
    if b"\n".join(lines[::3]) != ids or any(lines[2::3]):
        return None
    data = [line[6:] for line in lines[1::3] if line.startswith(b"data: ")]
    chunks, count = _read_all(data, most)
    if chunks is None or 3 * len(chunks) != len(lines):
        return None
    rich = [place for place, chunk in enumerate(chunks) if chunk.is_complete or chunk.sources or chunk.metadata]
    if rich and any(chunks[place].is_complete for place in rich if place < len(chunks) - 1):
        return None  # nothing follows the final chunk
    if rich and sum(len(data[place]) for place in rich) > most:
        return []
    for place in rich[: bisect_left(rich, count)]:
        try:
            chunks[place] = with_unknown_parts(chunks[place], data[place])
        except UNREADABLE:  # nested as deep as the stack just allowed
            return None
    return chunks


def _read_all(data: list[bytes], most: int) -> tuple[list[StreamingChunk] | None, int]:
    """Return all chunks, and how many of them lack what their sources have besides: those before the first newer one.

    In the place of the chunks None: one of them is not regular.
    """
    chunks: list[StreamingChunk] = []
    try:
        try:
            chunks.extend(map(chunk_json.decode, data))  # keeps those before one that fails
        except msgspec.ValidationError:  # a newer server may have added to its chunks
            newer = _read_newer(data[len(chunks) :], most)
            return (None if newer is None else chunks + newer), len(chunks)
    except UNREADABLE:
        return None, 0
    return chunks, len(chunks)


def _read_newer(data: list[bytes], most: int) -> list[StreamingChunk] | None:
    """Chunks with more members than the contract knows; None when one may be no chunk, or depends on its neighbours."""
    if sum(map(len, data)) > most:
        return None
    chunks = [read_chunk(each) for each in data]
    tells = (tells_of_error(chunk.additional_properties or {}) for chunk in chunks)
    return chunks if all(map(has_any, chunks)) and not any(tells) and not any(map(may_have_halves, data)) else None
