"""Chunks from server-sent events."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec

from gpo_client.models.problem import Problem
from gpo_client.models.stream import StreamingChunk
from gpo_client.streaming.chunk_decoder import (
    UNREADABLE,
    ChunkDecoder,
    Complete,
    Malformed,
    Oversized,
    Refused,
    chunk_json,
    read_chunk,
    read_json,
    with_unknown_parts,
)
from gpo_client.streaming.lenient import CHUNK_TYPES, END_MARKER, LenientEventParser
from gpo_client.streaming.parser import RawEvent
from gpo_client.streaming.sequence import EventSequence, Verdict

_problem_json = msgspec.json.Decoder(Problem)


class EventChunkDecoder(ChunkDecoder):
    """Chunks from ``text/event-stream``, one to each event.

    Nearly all events are regular: the next id, one line of data, a blank line. A run of them is checked and decoded
    at once; any other event goes through the parser line by line, and so would these, to the same effect.
    """

    def __init__(self, max_event_bytes: int | None = None, sequence: EventSequence | None = None) -> None:
        super().__init__(max_event_bytes, sequence)
        self._parser = LenientEventParser(max_event_bytes)
        self._limit = sys.maxsize if max_event_bytes is None else max_event_bytes
        self._held = 0  # bytes of an unfinished event
        self._expects_run = False  # not before the first event: only after it the next id is known

    def feed(self, data: bytes) -> list[StreamingChunk]:
        """The chunks that ``data`` completes."""
        chunks: list[StreamingChunk] = []
        if self.end is not None:
            return chunks
        is_small = self._held + len(data) <= self._limit  # so that no event in it can be too large
        lines = self._parser.split(data)
        if is_small:
            if not self._expects_run:
                lines = self._finish_event(lines, chunks)
            if self._expects_run:
                lines = self._run(lines, chunks)
        if lines or not is_small:
            self._read(lines, chunks)
        self._held = self._parser.pending
        return chunks

    def close(self) -> list[StreamingChunk]:
        """The end of the bytes: the chunks that are complete only now."""
        chunks: list[StreamingChunk] = []
        if self.end is None:
            self._events(self._parser.close(), chunks)
        return chunks

    def _finish_event(self, lines: list[bytes], chunks: list[StreamingChunk]) -> list[bytes]:
        """Read the rest of an event that came in part; what is left are the lines after it."""
        count = lines.index(b"") + 1 if b"" in lines else len(lines)
        self._read(lines[:count], chunks)
        return lines[count:]

    def _run(self, lines: list[bytes], chunks: list[StreamingChunk]) -> list[bytes]:
        """Read whole events, if all of them are regular; what is left are the lines after them."""
        if self.end is not None:
            return lines
        count = len(lines) // 3
        run = lines if len(lines) == 3 * count else lines[: 3 * count]
        found = _regular_chunks(run, self._sequence.next_ids(count, b"id: ")) if count else None
        if found is None:
            return lines
        chunks += found
        self._sequence.advance(count)
        if found[-1].is_complete:
            self.end = Complete()
        return lines[3 * count :]

    def _read(self, lines: Sequence[bytes], chunks: list[StreamingChunk]) -> None:
        """Read any lines."""
        self._events(self._parser.read(lines), chunks)
        self._expects_run = self._parser.is_between_events and self._sequence.is_counted

    def _events(self, events: list[RawEvent], chunks: list[StreamingChunk]) -> None:
        self.retry = self._parser.retry
        for event in events:
            if self.end is not None:
                return
            self._event(event, chunks)
        if self._parser.oversized and self.end is None:
            self.end = Oversized()

    def _event(self, event: RawEvent, chunks: list[StreamingChunk]) -> None:
        kind, data, event_id, _, has_own_id = event
        if not has_own_id or not event_id:  # emptied is as good as none
            count = len(chunks)
            self._content(kind, data, chunks)
            self._sequence.resumable = self._sequence.resumable and len(chunks) == count
            return
        verdict = self._sequence.judge(event_id)
        if verdict is Verdict.NEW:
            self._content(kind, data, chunks)
            if not isinstance(self.end, Malformed):
                self._sequence.accept(event_id)
        elif verdict is Verdict.GAP:
            found, last = event_id.decode("utf-8", "replace"), self.last_event_id
            self.end = Malformed(f"events are missing: {found!r} came after {last or 'the beginning'!r}")
        # What is left are repeats: read already, before the connection broke.

    def _content(self, kind: bytes, data: bytes, chunks: list[StreamingChunk]) -> None:
        if kind == b"error":
            self.end = Refused(_read_problem(data))
        elif kind not in CHUNK_TYPES:
            return  # the contract: events of other names are ignored
        elif data.strip() == END_MARKER:
            self.end = Complete()
        else:
            self._decode(data, chunks)


def _read_problem(data: bytes) -> Problem:
    try:
        return read_json(_problem_json, data)
    except UNREADABLE:
        return Problem(detail=data.decode("utf-8", "replace")[:500] or None)


def _regular_chunks(lines: list[bytes], ids: bytes) -> list[StreamingChunk] | None:
    """The chunks of regular events with these ids, one after the other; None when the lines are anything else."""
    if b"\n".join(lines[::3]) != ids or any(lines[2::3]):
        return None
    data = [line[6:] for line in lines[1::3] if line.startswith(b"data: ")]
    chunks = _read_all(data)
    if chunks is None or 3 * len(chunks) != len(lines):
        return None
    for place in [place for place, chunk in enumerate(chunks) if chunk.is_complete or chunk.sources]:
        if chunks[place].is_complete and place < len(chunks) - 1:
            return None  # nothing follows the final chunk
        chunks[place] = with_unknown_parts(chunks[place], data[place])
    return chunks


def _read_all(data: list[bytes]) -> list[StreamingChunk] | None:
    chunks: list[StreamingChunk] = []
    try:
        try:
            chunks.extend(map(chunk_json.decode, data))  # keeps those before one that fails
        except msgspec.ValidationError:  # a newer server may have added to its chunks
            chunks.extend(map(read_chunk, data[len(chunks) :]))
    except UNREADABLE:
        return None
    return chunks
