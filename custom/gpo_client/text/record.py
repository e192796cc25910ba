"""The record of a stream: what its chunks add up to, and what it has brought so far, for results and errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.portable import Origin, came_with
from gpo_client.models.stream import CitationSource, StreamedResponse, StreamingChunk
from gpo_client.sse.event_kinds import EventNames
from gpo_client.sse.replay import Past
from gpo_client.sse.sequence import EventSequence
from gpo_client.text.bounds import BoundedText, Budget, Keep, MetadataCollector
from gpo_client.text.sources import SourceCollector

#: How many sources of an answer are kept, and how many bytes of them and of its metadata, unless told otherwise.
MAX_SOURCES, MAX_SOURCE_BYTES = 1000, 16 * 1024 * 1024
# Of metadata, which every chunk may have under names of its own. A hundred thousand objects that are kept are what
# Python's garbage collector looks through each time, and everything waits for it.
_MOST_MEMBERS = 1000


class ChunkAggregator:
    """Add up the chunks of an answer. Sans-I/O, in linear time and, given ``max_chars``, in bounded memory.

    Sources that are the same become one: of one document (by id, without one by url, without either by title and
    ``document_id``) and with the same passage. Passages of one document that differ in excerpt or page are sources of
    their own, each with its number; what a later chunk says of one that is known completes it. Of each the highest
    relevance and the longest excerpt are kept. Metadata is merged, later values winning.

    Thread and task safety: it has one owner; calls must not overlap.

    Args:
        max_chars: How many characters of text to keep; None (the default) for all.
        keep: Which end of a longer text to keep: ``"head"`` (the default) or ``"tail"``.
        max_sources: How many sources to keep, the first ones; None for all. Default: 1000.
        max_source_bytes: How many bytes of sources and metadata to keep, about, of the latter a thousand members; None
            for all. Default: 16 MiB.

    Raises:
        InvalidArgumentError: A limit is no number or negative, or ``keep`` is neither of the two.

    >>> aggregator = ChunkAggregator()
    >>> aggregator.add(StreamingChunk(content="Mexico taxes "))
    >>> aggregator.add(StreamingChunk(content="income.", is_complete=True))
    >>> aggregator.content
    'Mexico taxes income.'
    >>> aggregator.result().is_complete
    True
    """

    def __init__(
        self,
        max_chars: int | None = None,
        keep: Keep = "head",
        *,
        max_sources: int | None = MAX_SOURCES,
        max_source_bytes: int | None = MAX_SOURCE_BYTES,
    ) -> None:
        limits = {"max_chars": max_chars, "max_sources": max_sources, "max_source_bytes": max_source_bytes}
        for name, value in limits.items():
            if value is not None and not _is_size(value):
                raise InvalidArgumentError(f"{name} must be 0 or more, or None for no limit, not {value!r}", field=name)
        if keep not in ("head", "tail"):
            raise InvalidArgumentError(f'keep must be "head" or "tail", not {keep!r}', field="keep")
        self._text = BoundedText(max_chars, keep)
        budget = Budget(max_source_bytes)
        self._sources = SourceCollector(max_sources, budget)
        self._metadata = MetadataCollector(budget, None if max_source_bytes is None else _MOST_MEMBERS)
        self._is_complete = False
        #: How many characters have been added, kept or not.
        self.char_count = 0
        #: How many chunks have been added.
        self.chunk_count = 0

    def add(self, chunk: StreamingChunk) -> None:
        """Add the next chunk."""
        self.add_all((chunk,))

    def add_all(self, chunks: Sequence[StreamingChunk]) -> None:
        """Add the next chunks; the same as adding each, but much of the work is done once for all.

        Nearly all of them are text alone, which is joined before it is added. What else there is comes one by one:
        ``{"metadata": {"message_id": "m"}}``, ``{"sources": […]}``, ``{"is_complete": true}``.
        """
        self.chunk_count += len(chunks)
        if text := chunks[0].content if len(chunks) == 1 else "".join([c.content for c in chunks if c.content]):
            self._text.add(text)
            self.char_count += len(text)
        for chunk in chunks:
            if chunk.metadata or chunk.sources or chunk.is_complete:
                self._add_rest(chunk)

    @property
    def content(self) -> str:
        """The text so far, as far as it is kept."""
        return self._text.value

    @property
    def sources(self) -> list[CitationSource]:
        """The sources so far: each passage once, with its highest relevance, most relevant first, else as they came."""
        return self._sources.by_relevance

    @property
    def truncated(self) -> bool:
        """Whether text, sources or metadata were dropped for a limit."""
        return self._text.truncated or self._sources.truncated or self._metadata.truncated

    def result(self) -> StreamedResponse:
        """Everything so far. Times, ids of requests and resumes belong to a connection and are None or 0 here."""
        return StreamedResponse(
            content=self.content,
            sources=self.sources,
            numbered_sources=self._sources.numbered,
            metadata=dict(self._metadata.values),
            is_complete=self._is_complete,
            truncated=self.truncated,
            chunk_count=self.chunk_count,
            message_id=_id_in(self._metadata.values.get("message_id")),
        )

    def _add_rest(self, chunk: StreamingChunk) -> None:
        if chunk.metadata:
            self._metadata.add(chunk.metadata)
        if chunk.sources:
            self._sources.add(chunk.sources)
        if chunk.is_complete:
            self._is_complete = True


def _id_in(value: object) -> str | None:
    """Return the id that a value is; some services write one as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


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
    """The progress of one stream, from an address (empty: nobody has said), within bounds for sources and metadata."""

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

        Raises InvalidArgumentError: ``max_chars`` is negative, or ``keep`` is neither of the two.
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
    def is_empty(self) -> bool:
        """Whether nothing of an answer has arrived, however many chunks have."""
        result = self._aggregator.result()
        return not (result.content or result.sources or result.metadata)

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
