"""Chunks from lines of JSON."""

from __future__ import annotations

import sys

from gpo_client.models.stream import StreamingChunk
from gpo_client.sse.chunk_decoder import END_MARKERS, ChunkDecoder
from gpo_client.sse.ends import Oversized
from gpo_client.sse.lenient import is_document
from gpo_client.sse.line_splitter import LineSplitter
from gpo_client.sse.names import EventNames
from gpo_client.sse.past import Past
from gpo_client.sse.sequence import EventSequence

# What waits is read in steps: to have very many objects at once makes Python's garbage collector stop everything.
_LINES_A_STEP = 2000


class LineChunkDecoder(ChunkDecoder):
    """Chunks from ``application/x-ndjson`` or ``application/jsonl``, one to each line."""

    def __init__(
        self,
        max_event_bytes: int | None = None,
        sequence: EventSequence | None = None,
        past: Past | None = None,
        names: EventNames | None = None,
    ) -> None:
        super().__init__(max_event_bytes, sequence, past, names)
        self._lines = LineSplitter()
        self._unread: list[bytes] = []

    def feed(self, data: bytes, most: int = sys.maxsize) -> list[StreamingChunk]:
        """Return the chunks that ``data`` completes."""
        if self.end:
            return []
        is_costly = self._lines.pending + len(data) > most
        self._unread = self._lines.feed(data)
        if is_costly and self._unread:
            return []
        chunks: list[StreamingChunk] = []
        while True:
            chunks += self.catch_up()
            if not self.is_behind:
                return chunks

    @property
    def is_behind(self) -> bool:
        """Whether lines wait for :meth:`catch_up`."""
        return bool(self._unread) and self.end is None

    def catch_up(self) -> list[StreamingChunk]:
        """Return the chunks on the first of the lines that wait."""
        lines, self._unread = self._unread[:_LINES_A_STEP], self._unread[_LINES_A_STEP:]
        chunks = self._chunks(lines)
        if not self._unread:
            self._check_size(self._lines.pending)
        return chunks

    def close(self) -> list[StreamingChunk]:
        """Return the end of the bytes.

        The chunk on the last line, which needs no line end, unless the line was cut short.
        """
        line = self._lines.close()
        if self._is_excessive(line):
            return []
        return self._chunks([line]) if is_document(line) or line.strip() in END_MARKERS else []

    def _chunks(self, lines: list[bytes]) -> list[StreamingChunk]:
        chunks: list[StreamingChunk] = []
        for line in lines:
            self._check_size(len(line))
            if self.end is not None:
                return chunks
            if line.strip() and not self._is_excessive(line):
                self._line(line, chunks)
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
