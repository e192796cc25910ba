"""The record of a stream: what is known of it at any moment, for its user, its errors and progress bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from gpo_client.models.portable import Origin, came_with
from gpo_client.models.stream import StreamedResponse, StreamingChunk
from gpo_client.sse.event_kinds import EventNames
from gpo_client.sse.replay import Past
from gpo_client.sse.sequence import EventSequence
from gpo_client.text.aggregate import MAX_SOURCE_BYTES, MAX_SOURCES, ChunkAggregator
from gpo_client.text.bounds import Keep


@attrs.frozen(kw_only=True)
class StreamProgress:
    """How far a stream has come.

    Attributes:
        characters: How many characters of text have arrived.
        chunks: In how many chunks.
        elapsed: Seconds since the request was sent.
        is_complete: Whether the answer is whole.

    >>> StreamProgress(characters=120, chunks=8, elapsed=2.0, is_complete=False).rate
    60.0
    """

    characters: int
    chunks: int
    elapsed: float
    is_complete: bool

    @property
    def rate(self) -> float:
        """Characters a second, since the request was sent; 0.0 before any time has passed."""
        return self.characters / self.elapsed if self.elapsed > 0 else 0.0


_NOTHING_YET = Past(text="")

# How much of an answer is kept besides what its user keeps, for the ``partial`` of errors. Far more than any answer,
# far less than an endless stream would need.
PARTIAL_CHARS = 1_000_000


class StreamRecord:
    """The progress of one stream.

    Args:
        clock: Seconds on a monotonic clock.
        max_sources: How many sources to keep.
        max_source_bytes: How many bytes of sources and metadata to keep.
        address: Where the stream comes from; empty: nobody has said.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        max_sources: int = MAX_SOURCES,
        max_source_bytes: int = MAX_SOURCE_BYTES,
        address: str = "",
    ) -> None:
        self.clock = clock
        self.address = address
        self._limits = max_sources, max_source_bytes
        self._aggregator = self.aggregator(PARTIAL_CHARS)
        self._first_at: float | None = None
        self._last_at: float | None = None
        #: When the request was sent, on the clock.
        self.started = clock()
        self.request_id: str | None = None
        #: The head of the last connection's answer.
        self.origin: Origin | None = None
        #: The ids of the events received, over all connections.
        self.sequence = EventSequence()
        #: Their names.
        self.names = EventNames()
        self.resume_count = 0
        #: Whether the server said that the answer is whole, by a final chunk or by an end marker.
        self.is_complete = False

    def aggregator(self, max_chars: int | None = None, keep: Keep = "head") -> ChunkAggregator:
        """Return what puts the chunks of this stream together, within its bounds.

        Raises:
            InvalidArgumentError: ``max_chars`` is negative, or ``keep`` is neither of the two.
        """
        max_sources, max_source_bytes = self._limits
        return ChunkAggregator(max_chars, keep, max_sources=max_sources, max_source_bytes=max_source_bytes)

    def restart_clock(self) -> None:
        """Begin to count time now: streams are made before they are opened."""
        self.started = self.clock()

    @property
    def last_event_id(self) -> str | None:
        """The id of the last event received; None when there was none, or the server gives none."""
        return self.sequence.last_event_id

    @property
    def chunk_count(self) -> int:
        """How many chunks have arrived."""
        return self._aggregator.chunk_count

    @property
    def progress(self) -> StreamProgress:
        """How far the stream has come."""
        until = self._last_at if self.is_complete and self._last_at is not None else self.clock()
        return StreamProgress(
            characters=self._aggregator.char_count,
            chunks=self.chunk_count,
            elapsed=until - self.started,
            is_complete=self.is_complete,
        )

    def add(self, chunks: Sequence[StreamingChunk]) -> None:
        """Note the chunks that have arrived."""
        self._last_at = self.clock()
        if self._first_at is None:
            self._first_at = self._last_at
        self._aggregator.add_all(chunks)

    @property
    def past(self) -> Past:
        """The past of the stream: what has been delivered, for a new connection to be held against."""
        if not self.chunk_count:
            return _NOTHING_YET
        result = self._aggregator.result()
        return Past(
            text=None if result.truncated else result.content,
            chunk_count=self.chunk_count,
            metadata=result.metadata,
            sources=result.sources,
        )

    @property
    def partial(self) -> StreamedResponse:
        """Everything received so far."""
        return self.complete(self._aggregator.result())

    def complete(self, response: StreamedResponse) -> StreamedResponse:
        """``response`` with what only the stream itself knows: its times, its ids, its resumes."""
        completed = attrs.evolve(
            response,
            is_complete=self.is_complete,
            time_to_first_chunk=None if self._first_at is None else self._first_at - self.started,
            duration=None if self._last_at is None else self._last_at - self.started,
            resume_count=self.resume_count,
            request_id=self.request_id,
        )
        return came_with(completed, self.origin)
