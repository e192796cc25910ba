"""The sources of an answer, each passage once, whichever chunks they come in."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from math import inf

import attrs

from gpo_client.models.stream import CitationSource
from gpo_client.text.bounds import Budget, json_bytes, source_bytes

# Names, without case and punctuation, under which services say where in a document a passage is.
_PLACES = frozenset([
    "page", "pages", "pageno", "pagenumber", "pageindex", "pagelabel", "pagestart", "pageend", "startpage", "endpage",
    "chapter", "section", "article", "clause", "paragraph", "passage", "passageid", "chunk", "chunkid", "chunkno",
    "chunknumber", "chunkindex", "line", "lines", "linenumber", "startline", "endline", "offset", "start",
    "startoffset", "startindex", "end", "endoffset", "endindex", "span", "position", "slide", "sheet", "row",
])  # fmt: skip
_PUNCTUATION = re.compile(r"[\W_]+")
_ELLIPSIS = re.compile(r"\s*(?:…|\.{3}|\[…\]|\[\.{3}\])\s*\Z")
# How many characters of an excerpt, besides its first word, find the excerpt that it goes on or is the beginning of.
_BEGINNING = 32

Place = tuple[tuple[str, str], ...]

# The kinds of names under which a passage is known: any of its document, by what it quotes or that it quotes nothing,
# by its place, by how its excerpt begins.
_ANY, _QUOTED, _UNQUOTED, _AT, _BEGINS, _FIRST_WORD = range(6)


class Passage:
    """A passage that a source quotes, and its place, as far as the source says so."""

    __slots__ = ("excerpt", "place")

    def __init__(self, source: CitationSource) -> None:
        # However it is broken into lines: services quote one passage with and without its line breaks.
        self.excerpt = _ELLIPSIS.sub("", " ".join((source.content_excerpt or "").split()))
        self.place: Place = tuple(_places(source))

    def equals(self, other: Passage) -> bool:
        """Whether both say the same."""
        return self.excerpt == other.excerpt and self.place == other.place

    def agrees_with(self, other: Passage) -> bool:
        """Whether one of the two may be the other, told with less detail."""
        if self.place and other.place and self.place != other.place:
            return False
        if self.excerpt and other.excerpt:
            return self.excerpt.startswith(other.excerpt) or other.excerpt.startswith(self.excerpt)
        # A page without an excerpt is not the page of an excerpt that has none.
        unquoted = other if self.excerpt else self
        return not unquoted.place or self.place == other.place or not (self.excerpt or other.excerpt)

    def wanted(self) -> Iterator[Hashable]:
        """Under which names a passage may be known that this one is the same as, the surest first."""
        if self.excerpt:
            yield _QUOTED, hash(self.excerpt), self.place
            yield (_QUOTED, hash(self.excerpt), ()) if self.place else (_QUOTED, hash(self.excerpt))
            yield from self._beginnings()
            yield _UNQUOTED, self.place
        elif self.place:
            yield _UNQUOTED, self.place
            yield _AT, self.place
        else:
            yield _ANY
        yield _UNQUOTED, ()

    def known_as(self) -> Iterator[Hashable]:
        """Under which names others look for this one."""
        yield _ANY
        if self.excerpt:
            yield _QUOTED, hash(self.excerpt), self.place
            yield _QUOTED, hash(self.excerpt)
            yield from self._beginnings()
        else:
            yield _UNQUOTED, self.place
        if self.place:
            yield _AT, self.place

    def _beginnings(self) -> Iterator[Hashable]:
        yield _BEGINS, hash(self.excerpt[:_BEGINNING])
        yield _FIRST_WORD, hash(self.excerpt[:_BEGINNING].partition(" ")[0])


def documents(source: CitationSource) -> list[Hashable]:
    """Return what identifies the document of a source, the surest first."""
    title = (source.title, source.document_id) if source.title else None
    return [(kind, key) for kind, key in enumerate((source.id, source.url, title)) if key]


def may_be_one_document(known: CitationSource, source: CitationSource) -> bool:
    """Whether nothing speaks against two sources that have something in common."""
    if known.id and source.id:
        return known.id == source.id
    return not (known.url and source.url) or known.url == source.url


def _places(source: CitationSource) -> Iterator[tuple[str, str]]:
    for name, value in sorted((source.metadata or {}).items()):
        if value is not None and (plain := _PUNCTUATION.sub("", name).lower()) in _PLACES:
            yield plain, str(value)


# About what a name takes under which a source is known.
_NAME_BYTES = 100


class SourceCollector:
    """Gather sources; those that are the same become one.

    Two sources are the same if they are of one document and quote one passage of it.

    One document: their ids are the same. One that comes without an id is of the same document as the first with its
    url; one with neither, as the first with its title and ``document_id``. A source that gets its id (or url) only
    later is recognised by what it had before; two different ids are never the same.

    One passage: excerpt and place (the members of ``metadata`` such as ``page`` or ``section``) are the same. What a
    later chunk lists again may say more or less of them: an excerpt where there was none, one that begins with the one
    known, a page. Other excerpts or pages are other passages, with numbers of their own.

    Of what is the same, the most relevant one is kept, the first among equals, with the longest excerpt, and with
    whatever only the others had. Each source is looked up, never searched for, so the time is linear.

    Args:
        max_sources: How many to keep; None (the default): all. The first are kept, as their numbers count from there.
        budget: How many bytes to keep; None (the default): any number. What is completed counts again. Once something
            had to be dropped, nothing more is kept.
    """

    __slots__ = ("_budget", "_known", "_max_sources", "_numbers", "_passages", "_sources", "truncated")

    def __init__(self, max_sources: int | None = None, budget: Budget | None = None) -> None:
        self._max_sources = max_sources
        self._budget = budget or Budget()
        self._sources: list[CitationSource] = []
        self._passages: list[Passage] = []
        self._known: dict[Hashable, int] = {}  # what identifies a source -> where it is
        self._numbers: list[int] = []
        #: Whether a source was dropped, or something that was said of one.
        self.truncated = False

    def add(self, sources: Sequence[CitationSource]) -> None:
        """Add the sources of a chunk."""
        before = len(self._sources)
        # No list takes longer to read than one that is kept whole.
        for source in sources[: self._max_sources]:
            passage = Passage(source)
            index = self._index(source, passage, before) if self._known else None
            # What an earlier chunk listed may be listed again. Within one list every entry has a number of its own.
            if index is None or index >= before:
                if not self._has_room(source, is_new=index is None):
                    return
                self._numbers.append(len(self._sources) if index is None else index)
            if index is None:
                index = len(self._sources)
                self._sources.append(source)
                self._passages.append(passage)
                self._remember(source, passage, index)
            else:
                self._join(index, source)
        self.truncated = self.truncated or len(sources) > len(sources[: self._max_sources])

    @property
    def by_relevance(self) -> list[CitationSource]:
        """Each source once, most relevant first, those of unknown relevance last, else as they came."""
        return sorted(self._sources, key=_relevance, reverse=True)

    @property
    def numbered(self) -> list[CitationSource]:
        """The sources in the order in which they were listed: the first is the one that ``[1]`` means."""
        return [self._sources[index] for index in self._numbers]

    def _index(self, source: CitationSource, passage: Passage, before: int) -> int | None:
        """Return where the source is that this one is the same as; None if it is new."""
        wanted = list(passage.wanted())
        for document in documents(source):
            for name in wanted:
                index = self._known.get((document, name))
                if index is None or not may_be_one_document(self._sources[index], source):
                    continue
                known = self._passages[index]
                if known.equals(passage) if index >= before else known.agrees_with(passage):
                    return index
        return None

    def _has_room(self, source: CitationSource, *, is_new: bool) -> bool:
        # Once one has been dropped, those after it would get the numbers of others.
        if (
            self.truncated
            or len(self._numbers) == self._max_sources
            or (is_new and not self._budget.take(source_bytes(source)))
        ):
            self.truncated = True
        return not self.truncated

    def _join(self, index: int, source: CitationSource) -> None:
        known = self._sources[index]
        if self.truncated or not _adds(known, source):
            return
        joined = _joined(known, source)
        # All of it is paid for, not what is new alone: joining copies all of it, and shall take linear time.
        if not self._budget.take(source_bytes(joined)):
            self.truncated = True
            return
        self._sources[index], self._passages[index] = joined, Passage(joined)
        self._remember(source, self._passages[index], index)

    def _remember(self, source: CitationSource, passage: Passage, index: int) -> None:
        known_as = list(passage.known_as())
        for document in documents(source):
            names = [name for name in known_as if (document, name) not in self._known]
            if names and not self._budget.take(json_bytes(document) + _NAME_BYTES * len(names)):
                self.truncated = True
                return
            for name in names:
                self._known[document, name] = index


def _adds(known: CitationSource, source: CitationSource) -> bool:
    """Whether something is told of a known source that was not known."""
    return (
        _relevance(source) > _relevance(known)
        or any(getattr(source, name) and not getattr(known, name) for name in ("id", "title", "url", "document_id"))
        or len(source.content_excerpt or "") > len(known.content_excerpt or "")
        or not (source.metadata or {}).keys() <= (known.metadata or {}).keys()
    )


def _joined(known: CitationSource, source: CitationSource) -> CitationSource:
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
    return -inf if source.relevance_score is None else source.relevance_score
