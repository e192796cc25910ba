"""Reading the documents: Markdown files with front matter, cut into passages."""

import re
from datetime import UTC, datetime
from pathlib import Path

import attrs
import msgspec

from gpo_sandbox.clock import rfc3339
from gpo_sandbox.language import Language, language_of
from gpo_sandbox.responses import Document
from gpo_sandbox.settings import SettingsError

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

    Raises:
        SettingsError: There are none, or one of them cannot be read.
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
