"""The sources of an answer, each once, whichever chunks they come in."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import attrs

from gpo_client.models.stream import CitationSource


class SourceCollector:
    """Gather sources; those that are the same become one.

    Two sources are the same if their ids are. One that comes without an id is the same as the first with its url; one
    with neither, the same as the first with its title and document. A source that gets its id (or url) only later is
    recognised by what it had before; two different ids are never the same source.

    Of what is the same, the most relevant one is kept, the first among equals, with the longest excerpt, and with
    whatever only the others had. Each source is looked up, never searched for, so the time is linear.
    """

    __slots__ = ("_known", "_numbers", "_sources")

    def __init__(self) -> None:
        self._sources: list[CitationSource] = []
        self._known: dict[Hashable, int] = {}  # what identifies a source -> its place
        self._numbers: list[int] = []

    def add(self, sources: Sequence[CitationSource]) -> None:
        """Add the sources of a chunk."""
        before = len(self._sources)
        for source in sources:
            place = self._place(source)
            # What an earlier chunk listed may be listed again. Within one list every entry has a number of its own.
            if place is None or place >= before:
                self._numbers.append(len(self._sources) if place is None else place)
            if place is None:
                place = len(self._sources)
                self._sources.append(source)
            else:
                self._sources[place] = _joined(self._sources[place], source)
            for key in _keys(source):
                self._known.setdefault(key, place)

    @property
    def by_relevance(self) -> list[CitationSource]:
        """Each source once, most relevant first, those of unknown relevance last, else as they came."""
        return sorted(self._sources, key=_relevance, reverse=True)

    @property
    def numbered(self) -> list[CitationSource]:
        """The sources in the order in which they were listed: the first is the one that ``[1]`` means."""
        return [self._sources[place] for place in self._numbers]

    def _place(self, source: CitationSource) -> int | None:
        """Where the source is that this one is the same as; None if it is new."""
        for key in _keys(source):
            if (place := self._known.get(key)) is not None and _may_be_same(self._sources[place], source):
                return place
        return None


def _keys(source: CitationSource) -> list[Hashable]:
    """What identifies a source, the surest first."""
    keys: list[Hashable] = []
    if source.id:
        keys.append(("id", source.id))
    if source.url:
        keys.append(("url", source.url))
    if source.title:
        keys.append(("title", source.title, source.document_id))
    return keys


def _may_be_same(known: CitationSource, source: CitationSource) -> bool:
    """Whether nothing speaks against two sources that have something in common."""
    if known.id and source.id:
        return known.id == source.id
    return not (known.url and source.url) or known.url == source.url


def _joined(known: CitationSource, source: CitationSource) -> CitationSource:
    if known == source:
        return known
    best, other = (source, known) if _relevance(source) > _relevance(known) else (known, source)
    return attrs.evolve(
        best,
        id=best.id or other.id,
        title=best.title or other.title,
        url=best.url or other.url,
        content_excerpt=max(known.content_excerpt, source.content_excerpt, key=lambda excerpt: len(excerpt or "")),
        document_id=best.document_id or other.document_id,
        metadata={**(other.metadata or {}), **(best.metadata or {})} or best.metadata,
    )


def _relevance(source: CitationSource) -> float:
    return -1.0 if source.relevance_score is None else source.relevance_score
