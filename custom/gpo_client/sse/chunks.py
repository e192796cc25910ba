"""Bytes to chunks: one machine for each way the service may write a stream."""

from __future__ import annotations

import sys

from gpo_client.models.stream import StreamingChunk
from gpo_client.sse.chunk_decoder import TOO_DEEP, ChunkDecoder, SteppingDecoder
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.event_kinds import END_MARKERS, EventNames, NoStream, Oversized
from gpo_client.sse.lenient import is_document
from gpo_client.sse.parser import LineSplitter
from gpo_client.sse.replay import Past
from gpo_client.sse.sequence import EventSequence


class LineChunkDecoder(SteppingDecoder):
    """Chunks from ``application/x-ndjson`` or ``application/jsonl``, one to each line."""

    def __init__(
        self,
        max_event_bytes: int | None = None,
        sequence: EventSequence | None = None,
        past: Past | None = None,
        names: EventNames | None = None,
    ) -> None:
        super().__init__(max_event_bytes, sequence, past, names)
        self._splitter = LineSplitter()

    def _cut(self, portion: bytes, _: list[StreamingChunk]) -> list[bytes]:
        """Cut bytes into lines."""
        lines = self._splitter.feed(portion)
        if not lines:
            self._check_size(self._splitter.pending)
        return lines

    def _lines(self, lines: list[bytes], chunks: list[StreamingChunk]) -> None:
        """Read lines, each of which is a document."""
        chunks += self._chunks(lines)
        if not self._has_lines:
            self._check_size(self._splitter.pending)

    @property
    def _pending(self) -> int:
        return 0

    def close(self) -> list[StreamingChunk]:
        """Return the end of the bytes.

        The chunk on the last line, which needs no line end, unless the line was cut short.
        """
        line = self._splitter.close()
        if self.end is not None or self._is_excessive(line):
            return []
        return self._chunks([line]) if is_document(line) or line.strip() in END_MARKERS else []

    def _chunks(self, lines: list[bytes]) -> list[StreamingChunk]:
        chunks: list[StreamingChunk] = []
        for line in lines:
            self._check_size(len(line))
            if self.end is not None:
                return chunks
            if line.strip() and not self._is_excessive(line):
                try:
                    self._line(line, chunks)
                except RecursionError:  # what could just be read cannot be compared
                    self.end = TOO_DEEP
        return chunks

    def _line(self, line: bytes, chunks: list[StreamingChunk]) -> None:
        chunk = self._document(line)
        if self._replay is not None:
            self._take(b"", chunk, chunks)
        elif chunk is not None:
            self._sequence.resumable = False  # lines have no ids
            chunks.append(chunk)

    def _check_size(self, size: int) -> None:
        if size > self._limit and self.end is None:
            self.end = Oversized()


_BOM = b"\xef\xbb\xbf"

# What a line of an event stream begins with: a field that does something, or the colon of a comment.
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")

# How many blank bytes a body may begin with, and how much is told of one that is no stream.
_MOST_BLANK = 1024
_MOST_SHOWN = 60


class SniffingDecoder(ChunkDecoder):
    """Chunks from a body that may be an event stream or lines of JSON: its first bytes tell.

    Some frameworks name no media type for a stream, or ``text/plain``. What begins with a field or a comment of an
    event stream is read as one, what begins with a brace as lines of JSON; anything else is no stream.
    """

    _found: ChunkDecoder | None = None
    _held = b""

    def feed(self, data: bytes, most: int = sys.maxsize) -> list[StreamingChunk]:
        """Return the chunks that ``data`` completes."""
        if self._found is None:
            data = self._held = self._held + data
            self._look()
        return self._step(self._found.feed(data, most)) if self._found is not None else []

    @property
    def is_behind(self) -> bool:
        """Whether something waits for :meth:`catch_up`."""
        return self._found is not None and self._found.is_behind

    @property
    def is_slow(self) -> bool:
        """Whether the next step may take long."""
        return self._found is not None and self._found.is_slow

    def catch_up(self) -> list[StreamingChunk]:
        """Return the chunks in what waits."""
        return self._step(self._found.catch_up()) if self._found is not None else []

    def close(self) -> list[StreamingChunk]:
        """Return the end of the bytes: the chunks that are complete only now."""
        if self._found is None:
            self._refuse()
            return []
        return self._step(self._found.close())

    def _look(self) -> None:
        beginning = self._held.removeprefix(_BOM).lstrip()
        if beginning.startswith(b"{"):
            self._read_as(LineChunkDecoder)
        elif beginning.startswith(_FIELDS):
            self._read_as(EventChunkDecoder)
        elif len(self._held) > _MOST_BLANK or not _may_go_on(self._held, beginning):
            self._refuse()

    def _read_as(self, kind: type[ChunkDecoder]) -> None:
        self._found = kind(self._limit, self._sequence, self._past, self._names)
        self._held = b""

    def _step(self, chunks: list[StreamingChunk]) -> list[StreamingChunk]:
        if self._found is not None:
            self.end, self.retry = self._found.end, self._found.retry
        return chunks

    def _refuse(self) -> None:
        text = self._held[: 2 * _MOST_BLANK].decode("utf-8", "replace").strip()
        self.end = NoStream(f"{text[:_MOST_SHOWN]}…" if len(text) > _MOST_SHOWN else text)


def _may_go_on(held: bytes, beginning: bytes) -> bool:
    """Whether more bytes may make a stream of what is there."""
    return _BOM.startswith(held) or any(field.startswith(beginning) for field in _FIELDS)


#: The media types that a stream is asked for in, the preferred one first.
STREAM_MEDIA_TYPES = ("text/event-stream", "application/x-ndjson", "application/jsonl")

_DECODERS: dict[str, type[ChunkDecoder]] = {
    "text/event-stream": EventChunkDecoder,
    # Lines of JSON have no registered media type, so they have many.
    **dict.fromkeys(("application/x-ndjson", "application/jsonl", "application/ndjson"), LineChunkDecoder),
    **dict.fromkeys(("application/x-jsonlines", "application/jsonlines", "application/x-jsonl"), LineChunkDecoder),
    # What servers say that do not care to say what they send.
    **dict.fromkeys(("", "text/plain", "application/octet-stream"), SniffingDecoder),
}


def chunk_decoder(
    media_type: str,
    max_event_bytes: int | None = None,
    sequence: EventSequence | None = None,
    past: Past | None = None,
    names: EventNames | None = None,
) -> ChunkDecoder | None:
    """Return the machine that reads a stream of this media type (in lower case); None when it is no stream we know.

    An event, or line, has at most ``max_event_bytes`` (None: any number). ``sequence`` has the ids of the stream's
    earlier connections, ``past`` what had arrived over them; ``names`` are those of its events.
    """
    decoder = _DECODERS.get(media_type)
    return decoder(max_event_bytes, sequence, past, names) if decoder else None
