"""Shapes of what tools return, as agents read them: structured output with a schema, and text beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, Field

from gpo_client.models.generated import Document
from gpo_client.models.stream import CitationSource, StreamedResponse

#: Below which URIs documents are resources.
DOCUMENTS = "gpo://documents/"


class Source(BaseModel):
    """A source that an answer cites."""

    number: Annotated[int, Field(description="What markers such as [1] in the answer stand for")]
    title: str
    url: str
    document_id: Annotated[str | None, Field(description="For fetch; null when it is no document")] = None
    excerpt: Annotated[str | None, Field(description="The cited passage")] = None


class Answer(BaseModel):
    """An answer of the assistant."""

    answer: Annotated[str, Field(description="Markdown, with markers such as [1] for its sources")]
    sources: list[Source]
    conversation: Annotated[str, Field(description="Pass it to ask again to go on with this conversation")]


class Result(BaseModel):
    """A document that was found."""

    id: str
    title: str
    url: str


class Results(BaseModel):
    """Documents that were found, the best first."""

    results: list[Result]


class Fetched(BaseModel):
    """The text of a document."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, str] | None = None


class DocumentEntry(BaseModel):
    """A document in the list."""

    id: str
    title: str
    summary: str | None = None
    media_type: str
    category: str | None = None
    modified_at: str


class DocumentList(BaseModel):
    """A page of the list of documents."""

    documents: list[DocumentEntry]
    total_count: int | None


def answered(answer: StreamedResponse, conversation: str) -> CallToolResult:
    """Return an answer: in text its sources are listed below it, as not every agent reads structured output."""
    cited = [_source(number, source) for number, source in enumerate(answer.numbered_sources, 1)]
    listed = "\n".join(f"[{each.number}] {each.title} — {each.url}" for each in cited)
    text = f"{answer.content}\n\nSources:\n{listed}" if cited else answer.content
    structured = Answer(answer=answer.content, sources=cited, conversation=conversation)
    return _result(structured, text)


def found(sources: Iterable[CitationSource], documents: Iterable[Document]) -> CallToolResult:
    """Return the documents of passages that were found, and documents.

    Each once. The text is JSON, as connectors expect.
    """
    titles = {source.document_id: source.title for source in sources if source.document_id}
    for document in documents:
        titles.setdefault(document.document_id, document.title)
    results = [Result(id=name, title=title or name, url=uri_of(name)) for name, title in titles.items()]
    structured = Results(results=results)
    return _result(structured, structured.model_dump_json())


def fetched(document_id: str, name: str, text: str, media_type: str) -> CallToolResult:
    """Return a document; the text is JSON, as connectors expect."""
    metadata = {"media_type": media_type, "file_name": name}
    structured = Fetched(id=document_id, title=name, text=text, url=uri_of(document_id), metadata=metadata)
    return _result(structured, structured.model_dump_json())


def listed(documents: Sequence[Document], total_count: int | None) -> DocumentList:
    """Return a page of the list."""
    return DocumentList(documents=[_entry(document) for document in documents], total_count=total_count)


def uri_of(document_id: str) -> str:
    """Return the URI of a document as a resource."""
    return f"{DOCUMENTS}{document_id}"


def _source(number: int, source: CitationSource) -> Source:
    url = uri_of(source.document_id) if source.document_id else source.url or ""
    title = source.title or source.id or str(number)
    return Source(number=number, title=title, url=url, document_id=source.document_id, excerpt=source.content_excerpt)


def _entry(document: Document) -> DocumentEntry:
    return DocumentEntry(
        id=document.document_id,
        title=document.title,
        summary=document.summary or None,
        media_type=document.media_type,
        category=document.category or None,
        modified_at=document.modified_at.isoformat(),
    )


def _result(structured: BaseModel, text: str) -> CallToolResult:
    content = TextContent(type="text", text=text)
    return CallToolResult(content=[content], structured_content=structured.model_dump(mode="json"))
