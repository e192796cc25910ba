"""Bytes to chunks: one machine for each way the service may write a stream."""

from __future__ import annotations

from abc import ABC, abstractmethod

import attrs
import msgspec

from gpo_client.models.problem import Problem
from gpo_client.models.stream import StreamingChunk
from gpo_client.streaming.lenient import LenientEventParser
from gpo_client.streaming.lines import LineSplitter
from gpo_client.streaming.parser import RawEvent


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

_END_MARKER = b"[DONE]"
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_chunk_json = msgspec.json.Decoder(StreamingChunk)
_problem_json = msgspec.json.Decoder(Problem)


class ChunkDecoder(ABC):
    """Turn the bytes of a stream into chunks. Sans-I/O; feed it bytes in any portions.

    Once ``end`` is set nothing more is read: what follows the end of a stream is not part of it.
    """

    def __init__(self, max_event_bytes: int | None = None) -> None:
        self._max_event_bytes = max_event_bytes
        #: How the stream ended; None while it goes on.
        self.end: End | None = None
        #: The id of the last chunk handed out; None when the server gives no ids.
        self.last_event_id: str | None = None
        #: The reconnection time the server asked for, in milliseconds.
        self.retry: int | None = None

    @abstractmethod
    def feed(self, data: bytes) -> list[StreamingChunk]:
        """The chunks that ``data`` completes."""

    @abstractmethod
    def close(self) -> list[StreamingChunk]:
        """The end of the bytes: the chunks that are complete only now."""

    def _decode(self, data: bytes, chunks: list[StreamingChunk]) -> None:
        """Add the chunk in ``data``, or set ``end``."""
        try:
            chunk: StreamingChunk | None = _chunk_json.decode(data)
        except _UNREADABLE:
            chunk = self._decode_again(data)
        if chunk is not None:
            chunks.append(chunk)
            if chunk.is_complete:
                self.end = Complete()

    def _decode_again(self, data: bytes) -> StreamingChunk | None:
        # Bytes that are no UTF-8 are replaced, not refused (WHATWG), but looking for them first would cost every
        # chunk what hardly any needs.
        try:
            return _chunk_json.decode(data.decode("utf-8", "replace"))
        except _UNREADABLE as error:
            self.end = Malformed(f"chunk is not what the contract says: {error}")
            return None


class EventChunkDecoder(ChunkDecoder):
    """Chunks from ``text/event-stream``, one to each event."""

    def __init__(self, max_event_bytes: int | None = None) -> None:
        super().__init__(max_event_bytes)
        self._parser = LenientEventParser(max_event_bytes)

    def feed(self, data: bytes) -> list[StreamingChunk]:
        """The chunks that ``data`` completes."""
        return self._chunks(self._parser.feed(data))

    def close(self) -> list[StreamingChunk]:
        """The end of the bytes: the chunks that are complete only now."""
        return self._chunks(self._parser.close())

    def _chunks(self, events: list[RawEvent]) -> list[StreamingChunk]:
        chunks: list[StreamingChunk] = []
        for event in events:
            if self.end is not None:
                return chunks
            self._event(event, chunks)
        self.retry = self._parser.retry
        if self._parser.oversized and self.end is None:
            self.end = Oversized()
        return chunks

    def _event(self, event: RawEvent, chunks: list[StreamingChunk]) -> None:
        kind, data, event_id, _ = event
        if kind == b"error":
            self.end = Refused(_read_problem(data))
        elif kind not in (b"", b"message"):
            return  # the contract: events of other names are ignored
        elif data.strip() == _END_MARKER:
            self.end = Complete()
        else:
            self._decode(data, chunks)
            if event_id and not isinstance(self.end, Malformed):
                self.last_event_id = event_id.decode("utf-8", "replace")


class LineChunkDecoder(ChunkDecoder):
    """Chunks from ``application/x-ndjson`` or ``application/jsonl``, one to each line."""

    def __init__(self, max_event_bytes: int | None = None) -> None:
        super().__init__(max_event_bytes)
        self._lines = LineSplitter()

    def feed(self, data: bytes) -> list[StreamingChunk]:
        """The chunks that ``data`` completes."""
        chunks = self._chunks(self._lines.feed(data))
        self._check_size(self._lines.pending)
        return chunks

    def close(self) -> list[StreamingChunk]:
        """The end of the bytes: the chunks that are complete only now, for the last line needs no line end."""
        return self._chunks([self._lines.close()])

    def _chunks(self, lines: list[bytes]) -> list[StreamingChunk]:
        chunks: list[StreamingChunk] = []
        for line in filter(bytes.strip, lines):
            self._check_size(len(line))
            if self.end is not None:
                return chunks
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


def chunk_decoder(media_type: str, max_event_bytes: int | None = None) -> ChunkDecoder | None:
    """The machine that reads a stream of this media type; None when it is no stream we know.

    Args:
        media_type: Without parameters, in lower case.
        max_event_bytes: The largest event (or line) to hold; None for no limit.
    """
    decoder = _DECODERS.get(media_type)
    return decoder(max_event_bytes) if decoder else None


def _read_problem(data: bytes) -> Problem:
    try:
        return _problem_json.decode(data)
    except _UNREADABLE:
        return Problem(detail=data.decode("utf-8", "replace")[:500] or None)
