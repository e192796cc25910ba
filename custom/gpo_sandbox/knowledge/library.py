"""The library: all documents, listed and searched, and their passages, found by full-text search and ranked.

What ranks below a threshold is "I don't know".
"""

import math
import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import attrs

from gpo_sandbox.knowledge.corpus import (
    NOTHING_FILED,
    PACKAGED_CORPUS,
    CorpusDocument,
    Filings,
    Passage,
    filed,
    read_corpus,
    shown,
)
from gpo_sandbox.knowledge.question import Term, terms_of
from gpo_sandbox.language import folded, language_of
from gpo_sandbox.requests import DocumentSearch, PageQuery
from gpo_sandbox.responses import Document, DocumentCategory, DocumentSolution, Page, Problem

_TABLE = """
CREATE VIRTUAL TABLE passages USING fts5 (
    title, tags, heading, text, tokenize = 'unicode61 remove_diacritics 2', prefix = '4 5 6 7')
"""
_RANKED = """
SELECT rowid, -bm25(passages, 3.0, 1.0, 4.0, 1.0) FROM passages WHERE passages MATCH ? ORDER BY 2 DESC, 1 LIMIT 60
"""

# A passage counts when it covers at least this share of what was asked, rare terms weighing more than common ones.
COVERAGE_THRESHOLD = 0.52
# A question without any term of taxation is probably about something else: then nearly all of it must be covered.
OFF_TOPIC_THRESHOLD = 0.75
# A term in fewer passages weighs no more than one in this many: a word that nobody wrote is often just a detail.
_RARE = 20
# What the library is about weighs more; a name that it does not know (a country, a product) decides against it.
_TAXATION_FACTOR, _UNKNOWN_NAME_FACTOR = 1.5, 3.0
_REMEMBERED = 256
# What a passage's score is made of: that it covers the question at all, that it says so itself rather than just being
# part of a document about it, and its rank by bm25.
_ANYWHERE, _IN_THE_PASSAGE = "{title tags heading text}", "{heading text}"
_BASE, _SAID, _RANK = 0.2, 0.2, 0.6
# A passage in the other language says the same less usefully.
_OTHER_LANGUAGE = 0.45


@attrs.frozen
class Hit:
    """A passage that was found, and how relevant it is from 0 to 1."""

    passage: Passage
    score: float


class PassageIndex:
    """The full-text index of all passages.

    It has an in-memory database of its own: it is made from files at every start and never changes, so it has no
    place among the data that must survive.
    """

    def __init__(self, documents: Sequence[CorpusDocument]) -> None:
        self._passages = [passage for document in documents for passage in document.passages]
        # Searched from the event loop's thread alone, like the main database; it may be made in another one.
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.execute(_TABLE)
        self._connection.executemany(
            "INSERT INTO passages (rowid, title, tags, heading, text) VALUES (?, ?, ?, ?, ?)", self._rows(documents)
        )
        # The index never changes, and demonstrations and load tests ask the same questions over and over.
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._search)

    def _rows(self, documents: Sequence[CorpusDocument]) -> list[tuple[int, str, str, str, str]]:
        known = {item.document.document_id: item.document for item in documents}
        return [
            (number, known[it.document_id].title, " ".join(known[it.document_id].tags), it.heading, it.text)
            for number, it in enumerate(self._passages)
        ]

    def search(self, question: str, limit: int) -> tuple[Hit, ...]:
        """Find the passages that a question, in English or Spanish, is about, the most relevant first.

        Nothing is found when no passage covers enough of the question.
        """
        return self._remembered(question)[:limit]

    def _search(self, question: str) -> tuple[Hit, ...]:
        terms = terms_of(question)
        if not terms:
            return ()
        covered, said = self._coverage(terms, _ANYWHERE), self._coverage(terms, _IN_THE_PASSAGE)
        enough = COVERAGE_THRESHOLD if any(term.of_taxation for term in terms) else OFF_TOPIC_THRESHOLD
        language = language_of(question)
        hits: list[Hit] = []
        for number, rank in self._ranked(terms):
            passage, share = self._passages[number], covered[number]
            if share >= enough:
                fit = 1.0 if passage.language == language else _OTHER_LANGUAGE
                score = share * fit * (_BASE + _SAID * said.get(number, 0.0) + _RANK * rank)
                hits.append(Hit(passage, round(min(1.0, score), 4)))
        return tuple(sorted(hits, key=lambda hit: -hit.score))

    def _ranked(self, terms: list[Term]) -> list[tuple[int, float]]:
        """Return the passages that have any of the terms, best first, with their rank as a share of the best one's."""
        query = " OR ".join(term.match for term in terms)
        rows: list[tuple[int, float]] = self._connection.execute(_RANKED, (query,)).fetchall()
        return [(number, rank / rows[0][1]) for number, rank in rows]

    def _coverage(self, terms: list[Term], columns: str) -> dict[int, float]:
        """Return for each passage the share of the terms that it has in some columns."""
        having = [self._having(term, columns) for term in terms]
        weights = [self._weight(term, len(found)) for term, found in zip(terms, having, strict=True)]
        share: dict[int, float] = {}
        for found, weight in zip(having, weights, strict=True):
            for number in found:
                share[number] = share.get(number, 0.0) + weight / sum(weights)
        return share

    def _weight(self, term: Term, found: int) -> float:
        weight = math.log(1 + len(self._passages) / max(found, _RARE))
        if term.name and not found:
            return weight * _UNKNOWN_NAME_FACTOR
        return weight * _TAXATION_FACTOR if term.of_taxation else weight

    def _having(self, term: Term, columns: str) -> list[int]:
        query = f"{columns} : ({term.match})"
        rows = self._connection.execute("SELECT rowid FROM passages WHERE passages MATCH ?", (query,))
        return [number for (number,) in rows]

    def close(self) -> None:
        """Close the index."""
        self._connection.close()


T = TypeVar("T")

_SORT_KEYS: dict[str, Callable[[Document], str | int]] = {
    "title": lambda it: folded(it.title),
    "file_name": lambda it: folded(it.file_name),
    "size_bytes": lambda it: it.size_bytes,
    "created_at": lambda it: it.created_at,
    "modified_at": lambda it: it.modified_at,
}


class Library:
    """The documents of one sandbox, from a folder of Markdown files or from the packaged ones.

    Raises SettingsError: the folder has no documents, or one of them cannot be read.
    """

    def __init__(self, folder: Path | None = None) -> None:
        documents = read_corpus(folder or PACKAGED_CORPUS)
        self._by_id = {item.document.document_id: item for item in documents}
        self.passages = PassageIndex(documents)

    @property
    def titles(self) -> list[str]:
        """The titles of all documents; there is at least one."""
        return [item.document.title for item in self._by_id.values()]

    def find(self, document_id: str) -> CorpusDocument:
        """Return a document. Raises Problem if there is none with this id."""
        found = self._by_id.get(document_id)
        if found is None:
            raise Problem("not_found", f"There is no document {document_id!r}.")
        return found

    def named(self, file_name: str) -> Document:
        """Return the document whose file has a name. Raises Problem if there is none."""
        for item in self._by_id.values():
            if item.document.file_name == file_name:
                return item.document
        raise Problem("not_found", f"There is no file {file_name!r}.", field="file_name")

    def page(self, wanted: PageQuery, filings: Filings = NOTHING_FILED) -> Page[Document]:
        """List all documents, the most recently changed first."""
        return self.search(DocumentSearch(page=wanted.page, page_size=wanted.page_size), filings)

    def search(self, wanted: DocumentSearch, filings: Filings = NOTHING_FILED) -> Page[Document]:
        """Find documents by a text in their title, file name, tags or summaries, and sort them."""
        text = folded(wanted.search_text or "")
        matching = [item.document for item in self._by_id.values() if text in _searchable(item)]
        found = [filed(document, filings) for document in matching if shown(document, filings)]
        found.sort(key=lambda it: it.document_id)
        key = _SORT_KEYS[wanted.sort_column or "modified_at"]
        found.sort(key=key, reverse=(wanted.sort_order or "Descending") == "Descending")
        return _page_of(found, wanted)

    def categories(self, kind: str | None, filings: Filings = NOTHING_FILED) -> list[DocumentCategory]:
        """List categories ("Category"), sub-categories ("SubCategory") or both, sorted by name."""
        documents = self._shown(filings)
        top = {it.category for it in documents if it.category}
        below = {(it.sub_category, it.category) for it in documents if it.sub_category}
        found = [_category("Category", name, None) for name in top if kind != "SubCategory"]
        found += [_category("SubCategory", name, parent) for name, parent in below if kind != "Category"]
        return sorted(found, key=lambda it: (folded(it.name), it.category_id))

    def solutions(self, filings: Filings = NOTHING_FILED) -> list[DocumentSolution]:
        """List the solutions that documents belong to, sorted by name."""
        names = {it.solution for it in self._shown(filings) if it.solution}
        return [DocumentSolution(solution_id=_slug("sol", name), name=name) for name in sorted(names)]

    def close(self) -> None:
        """Close the index."""
        self.passages.close()

    def _shown(self, filings: Filings) -> list[Document]:
        documents = [item.document for item in self._by_id.values()]
        return [filed(document, filings) for document in documents if shown(document, filings)]


def _searchable(item: CorpusDocument) -> str:
    it = item.document
    return folded("\n".join([it.title, it.file_name, *it.tags, *item.summaries.values()]))


def _page_of(found: list[T], wanted: PageQuery) -> Page[T]:
    items = found[wanted.offset : wanted.offset + wanted.page_size]
    return Page(items=items, page=wanted.page, page_size=wanted.page_size, total_count=len(found))


def _category(kind: str, name: str, parent: str | None) -> DocumentCategory:
    return DocumentCategory(
        category_id=_slug("cat" if parent is None else "sub", name if parent is None else f"{parent} {name}"),
        name=name,
        document_category_type=kind,
        parent_id=None if parent is None else _slug("cat", parent),
    )


def _slug(prefix: str, name: str) -> str:
    letters = "".join(letter if letter.isalnum() else "-" for letter in folded(name))
    return "-".join([prefix, *(part for part in letters.split("-") if part)])
