"""Documents: Markdown files with front matter, cut into passages, and as an instance has filed them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import attrs
import msgspec

from gpo_sandbox.language import Language, language_of
from gpo_sandbox.requests import DiscoverFile
from gpo_sandbox.responses import Document
from gpo_sandbox.settings import SettingsError
from gpo_sandbox.store.database import Database, rfc3339
from gpo_sandbox.store.sessions import Caller

PACKAGED_CORPUS = Path(__file__).parent.parent / "corpus"
MARKDOWN = "text/markdown"

_FRONT_MATTER = re.compile(r"\A---\n(?P<fields>.*?)\n---\n(?P<text>.*)\Z", re.DOTALL)
_LIST_ITEM = re.compile(r"\s*(?:[-*+>|]|\d+[.)])\s")
# In a paragraph only 1 begins a numbered list (CommonMark §5.3): "article" may stand before "28. Whether".
_FIRST_ITEM = re.compile(r"\s*(?:[-*+>|]|1[.)])\s")


class FrontMatter(msgspec.Struct, forbid_unknown_fields=True):
    """The lines between the `---` lines at the top of a file."""

    document_id: str
    title: str
    file_name: str
    category: str
    sub_category: str
    solution: str
    tags: str
    summary: str
    summary_es: str
    created_at: str
    modified_at: str


@attrs.frozen
class Passage:
    """A paragraph with the heading it stands under."""

    document_id: str
    heading: str
    text: str
    language: Language


@attrs.frozen
class CorpusDocument:
    """One document: what the contract says about it, its file, its summaries by language and its passages."""

    document: Document
    data: bytes
    summaries: dict[Language, str]
    passages: tuple[Passage, ...]


def read_corpus(folder: Path) -> tuple[CorpusDocument, ...]:
    """Read all documents of a folder, in the order of their file names.

    Raises SettingsError: there are none, or one of them cannot be read.
    """
    documents = tuple(_read(path) for path in sorted(folder.glob("*.md")))
    if not documents:
        raise SettingsError(f"setting corpus: there are no Markdown documents in {str(folder)!r}")
    return documents


def _read(path: Path) -> CorpusDocument:
    data = path.read_bytes()
    try:
        parts = _FRONT_MATTER.match(data.decode().replace("\r\n", "\n"))
        if parts is None:
            raise ValueError("it does not begin with front matter between --- lines")
        front = msgspec.convert(_fields(parts["fields"]), FrontMatter)
        return _document(front, parts["text"], data)
    except (ValueError, msgspec.ValidationError) as error:  # no ValueError before msgspec 0.21
        raise SettingsError(f"setting corpus: cannot use {path.name!r}: {error}") from None


def _fields(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.splitlines() if line.strip())
    return {key.strip(): value.strip().strip('"') for key, _, value in pairs}


def _document(front: FrontMatter, text: str, data: bytes) -> CorpusDocument:
    document = Document(
        document_id=front.document_id,
        title=front.title,
        file_name=front.file_name,
        media_type=MARKDOWN,
        size_bytes=len(data),
        tags=[tag.strip() for tag in front.tags.split(",") if tag.strip()],
        created_at=_time(front.created_at),
        modified_at=_time(front.modified_at),
        category=front.category or None,
        sub_category=front.sub_category or None,
        solution=front.solution or None,
        summary=front.summary or None,
    )
    summaries: dict[Language, str] = {"en": front.summary, "es": front.summary_es}
    return CorpusDocument(document, data, summaries, tuple(_passages(front.document_id, text)))


def _time(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return rfc3339((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _passages(document_id: str, text: str) -> list[Passage]:
    heading, found = "", list[Passage]()
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip().splitlines()
        while lines and lines[0].startswith("#"):
            heading = lines.pop(0).lstrip("#").strip()
        if lines:
            written = _joined(lines)
            found.append(Passage(document_id, heading, written, language_of(written)))
    return found


def _joined(lines: list[str]) -> str:
    """Undo the line breaks of a paragraph; list items and table rows stay on lines of their own."""
    text, in_list = lines[0].strip(), _LIST_ITEM.match(lines[0]) is not None
    for line in lines[1:]:
        is_item = (_LIST_ITEM if in_list else _FIRST_ITEM).match(line) is not None
        in_list = in_list or is_item
        text += ("\n" if is_item else " ") + line.strip()
    return text


class Filing(msgspec.Struct, kw_only=True):
    """What an instance says about a file; None where it says nothing."""

    category: str | None = None
    sub_category: str | None = None
    solution: str | None = None
    is_shown: bool = True

    def applied(self, document: Document) -> Document:
        """Return a document as it is filed."""
        return msgspec.structs.replace(
            document,
            category=self.category or document.category,
            sub_category=self.sub_category or document.sub_category,
            solution=self.solution or document.solution,
        )


#: Filings by file name.
Filings = Mapping[str, Filing]
#: Of an instance that has filed nothing.
NOTHING_FILED: Filings = MappingProxyType({})


def filed(document: Document, filings: Filings) -> Document:
    """Return a document as an instance has it."""
    filing = filings.get(document.file_name)
    return filing.applied(document) if filing else document


def shown(document: Document, filings: Filings) -> bool:
    """Tell whether an instance wants a document to be found."""
    filing = filings.get(document.file_name)
    return filing is None or filing.is_shown


@attrs.frozen
class DocumentFilings:
    """The table of filings."""

    _database: Database

    def of(self, caller: Caller) -> Filings:
        """Return the filings of the caller's instance, by file name."""
        rows = self._database.rows(
            dict[str, Any],
            "SELECT file_name, category, sub_category, solution, is_shown FROM filings"
            " WHERE instance_id = :instance_id",
            instance_id=caller.instance_id,
        )
        return {row["file_name"]: msgspec.convert(row, Filing, strict=False) for row in rows}

    def save(self, caller: Caller, wanted: DiscoverFile) -> None:
        """File a document; what is left out stays as it is."""
        self._database.execute(
            "INSERT INTO filings (instance_id, file_name, category, sub_category, solution, is_shown)"
            " VALUES (:instance_id, :file_name, :category, :sub_category, :solution, coalesce(:is_shown, 1))"
            " ON CONFLICT (instance_id, file_name) DO UPDATE SET category = coalesce(:category, category),"
            " sub_category = coalesce(:sub_category, sub_category), solution = coalesce(:solution, solution),"
            " is_shown = coalesce(:is_shown, is_shown)",
            instance_id=caller.instance_id,
            file_name=wanted.file_name,
            category=wanted.category_name,
            sub_category=wanted.sub_category_name,
            solution=wanted.solution_name,
            is_shown=wanted.is_discover_file,
        )
