"""Chunks from a body whose media type does not say what it is."""

from __future__ import annotations

import sys

from gpo_client.models.stream import StreamingChunk
from gpo_client.sse.chunk_decoder import ChunkDecoder
from gpo_client.sse.ends import NoStream
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.line_chunks import LineChunkDecoder

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
