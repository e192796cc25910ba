"""Chunks from server-sent events."""

from __future__ import annotations

import sys

import msgspec

from gpo_client.models.stream import StreamingChunk
from gpo_client.sse.chunk_decoder import (
    TOO_DEEP,
    UNREADABLE,
    ChunkDecoder,
    chunk_json,
    may_have_halves,
    read_chunk,
    with_unknown_parts,
)
from gpo_client.sse.ends import Complete, Malformed, Oversized, ServerProblem
from gpo_client.sse.event_kinds import EventNames, read_problem, tells_of_error
from gpo_client.sse.lenient import LenientEventParser
from gpo_client.sse.parser import RawEvent
from gpo_client.sse.replay import Past, missing
from gpo_client.sse.sequence import EventCheck, EventSequence

# So many bytes are read at once, be they as regular as can be; no network read has as many.
_MOST_AT_ONCE = 1024 * 1024
# What waits is read in steps: to have very many objects at once makes Python's garbage collector stop everything.
_BYTES_A_STEP, _LINES_A_STEP = 64 * 1024, 2000
# Regular events have a bracket, a brace or a line end for so many bytes at most, and few of them are any number.
_BYTES_A_MARK = 8
_FEW_MARKS = 30_000


class EventChunkDecoder(ChunkDecoder):
    """Chunks from ``text/event-stream``, one to each event.

    Nearly all events are regular: the next id, one line of data, a blank line. A run of them is checked and decoded
    at once; any other event goes through the parser line by line, and so would these, to the same effect.
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
        self._unread: list[bytes] = []
        self._unsplit = b""  # what is not even cut into lines, and comes after those
        self._may_run = False  # whether no event in what was fed can be too large

    def feed(self, data: bytes, most: int = sys.maxsize) -> list[StreamingChunk]:
        """Return the chunks that ``data`` completes."""
        if self.end is not None:
            return []
        is_dense = _is_dense(data)
        self._may_run = self._held + len(data) <= self._limit and not is_dense
        if most < sys.maxsize and (is_dense or len(data) > _MOST_AT_ONCE):
            self._unsplit = data
            return []
        chunks: list[StreamingChunk] = []
        self._unread = self._lines(self._parser.split(data), chunks, most)
        return chunks

    @property
    def is_behind(self) -> bool:
        """Whether something waits for :meth:`catch_up`."""
        return bool(self._unread or self._unsplit) and self.end is None

    def catch_up(self) -> list[StreamingChunk]:
        """Return the chunks in the beginning of what waits."""
        chunks: list[StreamingChunk] = []
        if not self._unread:
            self._unread = self._parser.split(self._unsplit[:_BYTES_A_STEP])
            self._unsplit = self._unsplit[_BYTES_A_STEP:]
        lines, self._unread = self._unread[:_LINES_A_STEP], self._unread[_LINES_A_STEP:]
        self._lines(lines, chunks, sys.maxsize)
        return chunks

    def _lines(self, lines: list[bytes], chunks: list[StreamingChunk], most: int) -> list[bytes]:
        """Read lines; what is left are those that take long: more than ``most`` bytes of what is not regular."""
        if self._may_run and not self._expects_run:
            count = lines.index(b"") + 1 if b"" in lines else len(lines)
            lines = self._read(lines[:count], chunks, most) + lines[count:]  # the rest of an event that came in part
        if self._may_run and self._expects_run:
            lines = self._run(lines, chunks, most)
        if lines or not self._may_run:
            lines = self._read(lines, chunks, most)
        self._held = self._parser.pending
        return lines

    def close(self) -> list[StreamingChunk]:
        """Return the end of the bytes: the chunks that are complete only now."""
        chunks: list[StreamingChunk] = []
        if self.end is None:
            self._events(self._parser.close(), chunks)
        return chunks

    def _run(self, lines: list[bytes], chunks: list[StreamingChunk], most: int) -> list[bytes]:
        """Read whole events, if all of them are regular; what is left are the lines after them."""
        if self.end is not None:
            return lines
        count = len(lines) // 3
        run = lines if len(lines) == 3 * count else lines[: 3 * count]
        found = _regular_chunks(run, self._sequence.next_ids(count, b"id: "), most) if count else None
        if found is None:
            return lines
        chunks += found
        self._sequence.advance(count)
        self._last = found[-1]
        if found[-1].is_complete:
            self.end = Complete()
        return lines[3 * count :]

    def _read(self, lines: list[bytes], chunks: list[StreamingChunk], most: int) -> list[bytes]:
        """Read any lines; what is left are all of them, if they may take long."""
        if lines and self._parser.pending + len(lines) + sum(map(len, lines)) > most:
            return lines
        self._events(self._parser.read(lines, is_all=not self._unread), chunks)
        # Not while anything of an event depends on what came before it.
        is_regular = self._sequence.is_counted and self._replay is None and not self._half
        self._expects_run = is_regular and self._parser.is_between_events
        return []

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
        kind, data, event_id, _, has_own_id = event
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


def _is_dense(data: bytes) -> bool:
    """Whether there is more in bytes than any regular events have."""
    most = max(_FEW_MARKS, len(data) // _BYTES_A_MARK)
    return len(data) > most and any(data.count(mark) > most for mark in (b"[", b"{", b"\n", b"\r"))


def _regular_chunks(lines: list[bytes], ids: bytes, most: int) -> list[StreamingChunk] | None:
    """Return the chunks of regular events with these ids, one after the other; None when the lines are anything else.

    Args:
        lines: Three for each event.
        ids: What their ids must be.
        most: How many bytes there may be of chunks that have more to read than text.
    """
    if b"\n".join(lines[::3]) != ids or any(lines[2::3]):
        return None
    data = [line[6:] for line in lines[1::3] if line.startswith(b"data: ")]
    chunks = _read_all(data, most)
    if chunks is None or 3 * len(chunks) != len(lines):
        return None
    rich = [place for place, chunk in enumerate(chunks) if chunk.is_complete or chunk.sources or chunk.metadata]
    if sum(len(data[place]) for place in rich) > most:
        return None
    for place in rich:
        if chunks[place].is_complete and place < len(chunks) - 1:
            return None  # nothing follows the final chunk
        try:
            chunks[place] = with_unknown_parts(chunks[place], data[place])
        except UNREADABLE:  # nested as deep as the stack just allowed
            return None
    return chunks


def _read_all(data: list[bytes], most: int) -> list[StreamingChunk] | None:
    chunks: list[StreamingChunk] = []
    try:
        try:
            chunks.extend(map(chunk_json.decode, data))  # keeps those before one that fails
        except msgspec.ValidationError:  # a newer server may have added to its chunks
            return chunks + newer if (newer := _read_newer(data[len(chunks) :], most)) is not None else None
    except UNREADABLE:
        return None
    return chunks


def _read_newer(data: list[bytes], most: int) -> list[StreamingChunk] | None:
    """Chunks with more members than the contract knows; None when one may be an error, or depends on its neighbours."""
    if sum(map(len, data)) > most:
        return None
    chunks = [read_chunk(each) for each in data]
    tells = (tells_of_error(chunk.additional_properties or {}, is_chunk=False) for chunk in chunks)
    return None if any(tells) or any(map(may_have_halves, data)) else chunks
