"""Bytes to chunks: one machine for each way the service may write a stream."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar

import attrs
import msgspec

from gpo_client.models.problem import Problem
from gpo_client.models.stream import StreamingChunk
from gpo_client.streaming.lenient import CHUNK_TYPES, END_MARKER, LenientEventParser, is_document
from gpo_client.streaming.lines import LineSplitter
from gpo_client.streaming.parser import RawEvent
from gpo_client.streaming.sequence import EventSequence, Verdict


@attrs.frozen
class Complete:
    """The final chunk, or the end marker, has arrived."""


@attrs.frozen
class Malformed:
    """The stream broke the contract; ``detail`` says how."""

    detail: str


@attrs.frozen
class Oversized:
    """An event went over the limit."""


@attrs.frozen
class Refused:
    """The server ended the stream with a problem of its own."""

    problem: Problem


#: How a stream can end by its own content, as against by its transport.
End = Complete | Malformed | Oversized | Refused

_Document = TypeVar("_Document")
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_chunk_json = msgspec.json.Decoder(StreamingChunk)
_problem_json = msgspec.json.Decoder(Problem)


class ChunkDecoder(ABC):
    """Turn the bytes of a stream into chunks. Sans-I/O; feed it bytes in any portions.

    Once ``end`` is set nothing more is read: what follows the end of a stream is not part of it.
    """

    def __init__(self, max_event_bytes: int | None = None, sequence: EventSequence | None = None) -> None:
        self._max_event_bytes = max_event_bytes
        self._sequence = sequence or EventSequence()
        self._sequence.begin_connection()
        #: How the stream ended; None while it goes on.
        self.end: End | None = None
        #: The reconnection time the server asked for, in milliseconds.
        self.retry: int | None = None

    @abstractmethod
    def feed(self, data: bytes) -> list[StreamingChunk]:
        """The chunks that ``data`` completes."""

    @abstractmethod
    def close(self) -> list[StreamingChunk]:
        """The end of the bytes: the chunks that are complete only now."""

    @property
    def last_event_id(self) -> str | None:
        """The id of the last event read; None when the server gives no ids."""
        return self._sequence.last_event_id

    def _decode(self, data: bytes, chunks: list[StreamingChunk]) -> None:
        """Add the chunk in ``data``, or set ``end``."""
        try:
            chunk = _read_json(_chunk_json, data)
        except _UNREADABLE as error:
            self.end = Malformed(f"chunk is not what the contract says: {error}")
            return
        chunks.append(chunk)
        if chunk.is_complete:
            self.end = Complete()


class EventChunkDecoder(ChunkDecoder):
    """Chunks from ``text/event-stream``, one to each event."""

    def __init__(self, max_event_bytes: int | None = None, sequence: EventSequence | None = None) -> None:
        super().__init__(max_event_bytes, sequence)
        self._parser = LenientEventParser(max_event_bytes)

    def feed(self, data: bytes) -> list[StreamingChunk]:
        """The chunks that ``data`` completes."""
        return [] if self.end else self._chunks(self._parser.feed(data))

    def close(self) -> list[StreamingChunk]:
        """The end of the bytes: the chunks that are complete only now."""
        return [] if self.end else self._chunks(self._parser.close())

    def _chunks(self, events: list[RawEvent]) -> list[StreamingChunk]:
        self.retry = self._parser.retry
        chunks: list[StreamingChunk] = []
        for event in events:
            if self.end is not None:
                return chunks
            self._event(event, chunks)
        if self._parser.oversized and self.end is None:
            self.end = Oversized()
        return chunks

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


class LineChunkDecoder(ChunkDecoder):
    """Chunks from ``application/x-ndjson`` or ``application/jsonl``, one to each line."""

    def __init__(self, max_event_bytes: int | None = None, sequence: EventSequence | None = None) -> None:
        super().__init__(max_event_bytes, sequence)
        self._lines = LineSplitter()

    def feed(self, data: bytes) -> list[StreamingChunk]:
        """The chunks that ``data`` completes."""
        if self.end:
            return []
        chunks = self._chunks(self._lines.feed(data))
        self._check_size(self._lines.pending)
        return chunks

    def close(self) -> list[StreamingChunk]:
        """The end of the bytes: the chunk on the last line, which needs no line end, unless the line was cut short."""
        line = self._lines.close()
        return self._chunks([line]) if is_document(line) else []

    def _chunks(self, lines: list[bytes]) -> list[StreamingChunk]:
        chunks: list[StreamingChunk] = []
        for line in lines:
            self._check_size(len(line))
            if self.end is not None:
                return chunks
            if line.strip():
                self._sequence.resumable = False  # lines have no ids
                self._decode(line, chunks)
        return chunks

    def _check_size(self, size: int) -> None:
        if self._max_event_bytes is not None and size > self._max_event_bytes and self.end is None:
            self.end = Oversized()


_DECODERS: dict[str, type[ChunkDecoder]] = {
    "text/event-stream": EventChunkDecoder,
    "application/x-ndjson": LineChunkDecoder,
    "application/jsonl": LineChunkDecoder,
}

#: The media types that a stream may have, the preferred one first.
STREAM_MEDIA_TYPES = tuple(_DECODERS)


def chunk_decoder(
    media_type: str, max_event_bytes: int | None = None, sequence: EventSequence | None = None
) -> ChunkDecoder | None:
    """The machine that reads a stream of this media type; None when it is no stream we know.

    Args:
        media_type: Without parameters, in lower case.
        max_event_bytes: The largest event (or line) to hold; None for no limit.
        sequence: The ids of the stream's earlier connections. Default: there were none.
    """
    decoder = _DECODERS.get(media_type)
    return decoder(max_event_bytes, sequence) if decoder else None


def _read_json(decoder: msgspec.json.Decoder[_Document], data: bytes) -> _Document:
    # Bytes that are no UTF-8 are replaced, not refused (WHATWG), but looking for them first would cost every chunk
    # what hardly any needs.
    try:
        return decoder.decode(data)
    except _UNREADABLE:
        return decoder.decode(data.decode("utf-8", "replace"))


def _read_problem(data: bytes) -> Problem:
    try:
        return _read_json(_problem_json, data)
    except _UNREADABLE:
        return Problem(detail=data.decode("utf-8", "replace")[:500] or None)
