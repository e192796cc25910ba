"""Chunks put together again: text, sources and metadata of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from gpo_client.models.stream import CitationSource, StreamedResponse, StreamingChunk
from gpo_client.streaming.text import BoundedText, Keep


class ChunkAggregator:
    """Add up the chunks of an answer. Sans-I/O, in linear time.

    Args:
        max_chars: How many characters of text to keep; None (the default) for all.
        keep: Which end of a longer text to keep: ``"head"`` (the default) or ``"tail"``.

    Raises:
        ValueError: ``max_chars`` is negative, or ``keep`` is neither of the two.

    >>> aggregator = ChunkAggregator()
    >>> aggregator.add(StreamingChunk(content="Mexico taxes "))
    >>> aggregator.add(StreamingChunk(content="income.", is_complete=True))
    >>> aggregator.content
    'Mexico taxes income.'
    >>> aggregator.result().is_complete
    True
    """

    def __init__(self, max_chars: int | None = None, keep: Keep = "head") -> None:
        if max_chars is not None and max_chars < 0:
            raise ValueError(f"max_chars must be 0 or more, or None for no limit, not {max_chars}")
        if keep not in ("head", "tail"):
            raise ValueError(f'keep must be "head" or "tail", not {keep!r}')
        self._text = BoundedText(max_chars, keep)
        self._sources: dict[str, CitationSource] = {}
        self._metadata: dict[str, Any] = {}
        self._is_complete = False
        #: How many chunks have been added.
        self.chunk_count = 0

    def add(self, chunk: StreamingChunk) -> None:
        """Add the next chunk."""
        self.add_all((chunk,))

    def add_all(self, chunks: Sequence[StreamingChunk]) -> None:
        """Add the next chunks; the same as adding each, but much of the work is done once for all."""
        self.chunk_count += len(chunks)
        if text := "".join([chunk.content for chunk in chunks if chunk.content]):
            self._text.add(text)
        for chunk in chunks:
            if chunk.metadata or chunk.sources or chunk.is_complete:
                self._add_rest(chunk)

    @property
    def content(self) -> str:
        """The text so far, as far as it is kept."""
        return self._text.value

    @property
    def sources(self) -> list[CitationSource]:
        """The sources so far: each id once, with its highest relevance, most relevant first, else as they came."""
        return sorted(self._sources.values(), key=_relevance, reverse=True)

    def result(self) -> StreamedResponse:
        """Everything so far. Times, ids of requests and resumes belong to a connection and are None or 0 here."""
        message_id = self._metadata.get("message_id")
        return StreamedResponse(
            content=self.content,
            sources=self.sources,
            metadata=dict(self._metadata),
            is_complete=self._is_complete,
            truncated=self._text.truncated,
            chunk_count=self.chunk_count,
            message_id=message_id if isinstance(message_id, str) else None,
        )

    def _add_rest(self, chunk: StreamingChunk) -> None:
        if chunk.metadata:
            self._metadata.update(chunk.metadata)
        if chunk.sources:
            self._add_sources(chunk.sources)
        if chunk.is_complete:
            self._is_complete = True

    def _add_sources(self, sources: list[CitationSource]) -> None:
        for source in sources:
            known = self._sources.get(source.id, source)
            best = max(known, source, key=_relevance)
            self._sources[source.id] = attrs.evolve(best, content_excerpt=_longer(known, source))


def _relevance(source: CitationSource) -> float:
    return -1.0 if source.relevance_score is None else source.relevance_score


def _longer(one: CitationSource, other: CitationSource) -> str | None:
    return max(one.content_excerpt, other.content_excerpt, key=lambda excerpt: len(excerpt or ""))
