"""Chunks put together again: text, sources and metadata of an answer."""

from __future__ import annotations

from collections.abc import Sequence

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.stream import CitationSource, StreamedResponse, StreamingChunk
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
        if text := "".join([chunk.content for chunk in chunks if chunk.content]):
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
