"""Passages of documents, and how they are told apart."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator

from gpo_client.models.stream import CitationSource

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


class Passage:
    """A passage that a source quotes, and its place, as far as the source says so.

    Args:
        source: The source.
    """

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
            yield "quoted", hash(self.excerpt), self.place
            yield ("quoted", hash(self.excerpt), ()) if self.place else ("quoted", hash(self.excerpt))
            yield from self._beginnings()
            yield "unquoted", self.place
        elif self.place:
            yield "unquoted", self.place
            yield "at", self.place
        else:
            yield "any"
        yield "unquoted", ()

    def known_as(self) -> Iterator[Hashable]:
        """Under which names others look for this one."""
        yield "any"
        if self.excerpt:
            yield "quoted", hash(self.excerpt), self.place
            yield "quoted", hash(self.excerpt)
            yield from self._beginnings()
        else:
            yield "unquoted", self.place
        if self.place:
            yield "at", self.place

    def _beginnings(self) -> Iterator[Hashable]:
        yield "beginning", hash(self.excerpt[:_BEGINNING])
        yield "word", hash(self.excerpt[:_BEGINNING].partition(" ")[0])


def documents(source: CitationSource) -> list[Hashable]:
    """Return what identifies the document of a source, the surest first."""
    keys: list[Hashable] = []
    if source.id:
        keys.append(("id", source.id))
    if source.url:
        keys.append(("url", source.url))
    if source.title:
        keys.append(("title", source.title, source.document_id))
    return keys


def may_be_one_document(known: CitationSource, source: CitationSource) -> bool:
    """Whether nothing speaks against two sources that have something in common."""
    if known.id and source.id:
        return known.id == source.id
    return not (known.url and source.url) or known.url == source.url


def _places(source: CitationSource) -> Iterator[tuple[str, str]]:
    for name, value in sorted((source.metadata or {}).items()):
        if value is not None and (plain := _PUNCTUATION.sub("", name).lower()) in _PLACES:
            yield plain, str(value)
