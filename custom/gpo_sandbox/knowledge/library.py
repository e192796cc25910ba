"""The library: all documents, ready to be listed, searched and quoted."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gpo_sandbox.knowledge.corpus import PACKAGED_CORPUS, CorpusDocument, read_corpus
from gpo_sandbox.knowledge.filing import NOTHING_FILED, Filings, filed, shown
from gpo_sandbox.knowledge.retrieval import PassageIndex
from gpo_sandbox.language import folded
from gpo_sandbox.problems import Problem
from gpo_sandbox.requests import DocumentSearch, PageQuery
from gpo_sandbox.responses import Document, DocumentCategory, DocumentSolution, Page

T = TypeVar("T")

_SORT_KEYS: dict[str, Callable[[Document], str | int]] = {
    "title": lambda it: folded(it.title),
    "file_name": lambda it: folded(it.file_name),
    "size_bytes": lambda it: it.size_bytes,
    "created_at": lambda it: it.created_at,
    "modified_at": lambda it: it.modified_at,
}


class Library:
    """The documents of one sandbox.

    Args:
        folder: Where the Markdown files are; the packaged ones when not given.

    Raises:
        SettingsError: The folder has no documents, or one of them cannot be read.
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
        """Return a document.

        Raises:
            Problem: There is none with this id.
        """
        found = self._by_id.get(document_id)
        if found is None:
            raise Problem("not_found", f"There is no document {document_id!r}.")
        return found

    def named(self, file_name: str) -> Document:
        """Return the document whose file has a name.

        Raises:
            Problem: There is none.
        """
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
