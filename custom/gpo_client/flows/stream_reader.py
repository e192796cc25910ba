"""The reader of one connection of a stream: chunks for the stream's user, read by read, and how it ended."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from gpo_client.flows.deadlines import StreamDeadlines
from gpo_client.flows.effects import Failure, FailureKind
from gpo_client.models.stream import StreamingChunk
from gpo_client.sse.chunk_decoder import ChunkDecoder
from gpo_client.sse.event_kinds import Complete, End, Malformed, Overlong
from gpo_client.text.record import StreamRecord

# So many bytes that take long to read are read at once. At worst that takes some ten milliseconds.
_MOST_AT_ONCE = 8 * 1024


class StreamReader:
    """Decides about the reads of one connection (see ``Pump``), of ``most_bytes`` at most when decompressed."""

    def __init__(
        self, decoder: ChunkDecoder, record: StreamRecord, deadlines: StreamDeadlines, most_bytes: int = sys.maxsize
    ) -> None:
        self.decoder = decoder
        self._record = record
        self._deadlines = deadlines
        #: How many bytes there may still be.
        self.bytes_left = most_bytes
        #: How the connection broke; None when it did not.
        self.failure: Failure | None = None
        #: Whether the body came to its end, as HTTP tells it.
        self.is_ended = False
        #: The last chunk of a whole answer (``{"is_complete": true}``, or what stands for ``[DONE]``), to be delivered
        #: once the connection is closed: whoever stops iterating there has left nothing open.
        self.final: Sequence[StreamingChunk] = ()

    def wait(self) -> float | None:
        """Seconds that the next read may wait; 0: no more reads; None: no limit."""
        if self.failure is not None or self.decoder.end is not None or self.decoder.is_behind:
            return 0.0
        wait = self._deadlines.next_read()
        if wait == 0.0:
            self.failure = Failure(FailureKind.TIMEOUT)
        return wait

    def feed(self, data: bytes | Failure) -> Sequence[StreamingChunk]:
        """Return the chunks that the outcome of a read completes; ``b""`` is the end of the body."""
        if isinstance(data, Failure):
            self.failure = data
            return ()
        self.bytes_left -= len(data)
        if self.bytes_left < 0:
            self.decoder.end = Overlong()
            return ()
        chunks = self.decoder.feed(data, _MOST_AT_ONCE) if data else self.decoder.close()
        return self._noted(chunks, is_last=not data)

    @property
    def is_behind(self) -> bool:
        """Whether something that was fed waits for :meth:`catch_up`."""
        return self.decoder.is_behind

    @property
    def is_slow(self) -> bool:
        """Whether the next :meth:`catch_up` may take long."""
        return self.decoder.is_slow

    def catch_up(self) -> Sequence[StreamingChunk]:
        """Return the chunks in what waits."""
        return self._noted(self.decoder.catch_up())

    def _noted(self, chunks: Sequence[StreamingChunk], *, is_last: bool = False) -> Sequence[StreamingChunk]:
        """Return what is to be delivered of the chunks that have arrived."""
        if self.decoder.end is not None and self._holds_nothing(self.decoder.end, chunks):
            told = self._record.names.story
            self.decoder.end = Malformed(f"the stream ended, and nothing of an answer was in it: {told}")
            chunks = chunks[:-1]
        if chunks:
            self._deadlines.is_due = True
            self._record.add(chunks)
        if self.decoder.end is not None or is_last:
            return self._ended(chunks)
        return chunks

    def _holds_nothing(self, end: End, chunks: Sequence[StreamingChunk]) -> bool:
        """Whether an end marker comes after nothing but what nobody here knows: an answer in another dialect."""
        if not (isinstance(end, Complete) and end.is_marked and self._record.names.hold_strangers):
            return False
        return self._record.is_empty and not any(chunk.content or chunk.sources or chunk.metadata for chunk in chunks)

    def _ended(self, chunks: Sequence[StreamingChunk]) -> Sequence[StreamingChunk]:
        """Return what is left to deliver of the last read."""
        if self.decoder.end is None:
            self.is_ended = True
            self.failure = Failure(FailureKind.CUT)
        elif isinstance(self.decoder.end, Complete):
            self._record.is_complete = True
            self.final = chunks[-1:]
            return chunks[:-1]
        return chunks


class FirstChunk:
    """Reads to the first chunk and no further, and tells when it has come: what follows is read without it."""

    def __init__(self, reader: StreamReader, record: StreamRecord, tell: Callable[[], object]) -> None:
        self._reader = reader
        self._record = record
        self._tell = tell

    def wait(self) -> float | None:
        """Seconds that the next read may wait; 0: no more reads; None: no limit."""
        return 0.0 if self._record.chunk_count else self._reader.wait()

    def feed(self, data: bytes | Failure) -> Sequence[StreamingChunk]:
        """Return the chunks that the outcome of a read completes."""
        return self._told(self._reader.feed(data))

    @property
    def is_behind(self) -> bool:
        """Whether something waits for :meth:`catch_up`."""
        return not self._record.chunk_count and self._reader.is_behind

    @property
    def is_slow(self) -> bool:
        """Whether the next :meth:`catch_up` may take long."""
        return self._reader.is_slow

    def catch_up(self) -> Sequence[StreamingChunk]:
        """Return the chunks in what waits."""
        return self._told(self._reader.catch_up())

    def _told(self, chunks: Sequence[StreamingChunk]) -> Sequence[StreamingChunk]:
        if self._record.chunk_count:
            self._tell()
        return chunks
