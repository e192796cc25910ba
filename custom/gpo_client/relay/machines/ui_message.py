"""UI messages: an answer in the dialect of the AI SDK's ``useChat`` (UI message stream v1, AI SDK 5 to 7). Sans-I/O.

Entries of a log are read back as text with the places where it cites which source.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import attrs
import msgspec

from gpo_client.models.stream import Citation, CitationSource, CitationTracker
from gpo_client.relay.machines.entries import HEARTBEAT, SSE_HEADERS, Entry, ProblemCode, PublicProblem
from gpo_client.text.sources import SourceCollector

_HEADERS = {**SSE_HEADERS, "x-vercel-ai-ui-message-stream": "v1"}
_TEXT = "text"
#: How long a chat's running answer is remembered, in seconds: longer than any takes. It is forgotten when it ends.
NOTE_S = 86_400.0
_DONE = b"data: [DONE]\n\n"
_BEYOND_BMP = 0xFFFF


def note_key(owner: str, chat_id: str) -> str:
    """Return the key under which a log notes the running answer of a chat."""
    return sha256(msgspec.json.encode(["chat", owner, chat_id])).hexdigest()


class UIMessageDialect:
    """Writes an answer as the parts of one UI message.

    Whoever comes back is sent the message from its beginning, as the AI SDK expects: its page has nothing of it.
    """

    headers: Mapping[str, str] = _HEADERS

    def __init__(self, sentences: Mapping[str, str] | None = None) -> None:
        self._sentences = sentences
        self._answer = CitedAnswer()
        self._listed = 0
        self._length = 0
        # Where characters stand that JavaScript counts as two.
        self._wide: list[int] = []

    def opening(self, answer_id: str, *, is_new: bool) -> bytes:  # noqa: ARG002 - both see the whole message
        """Return the beginning of the message, whose id is the answer's."""
        return _event(type="start", messageId=answer_id) + _event(type="start-step")

    def entry(self, answer_id: str, entry: Entry) -> bytes:  # noqa: ARG002 - said in the beginning
        """Return the parts that an entry becomes."""
        piece = self._answer.take(entry)
        if piece.problem is not None:
            return self._end_of_text() + self._problem(piece.problem)
        parts = self._text(piece.text) if piece.text else b""
        for source in piece.sources:
            self._listed += 1
            parts += _source(source, self._listed)
        for citation in piece.citations:
            parts += self._citation(citation)
        if piece.metadata:
            parts += _event(type="message-metadata", messageMetadata=piece.metadata)
        if entry.is_last:
            parts += self._end_of_text() + _event(type="finish-step") + _event(type="finish", finishReason="stop")
            parts += _DONE
        return parts

    def heartbeat(self) -> bytes:
        """Return a comment, and how far the answer is; the latter is not kept in the message."""
        return HEARTBEAT + _event(type="data-progress", data={"characters": self._length}, transient=True)

    def hint(self) -> bytes:
        """Return the AI SDK does not come back by itself: the page is told to."""
        return self._problem(PublicProblem.of(ProblemCode.INTERRUPTED, self._sentences))

    def _text(self, text: str) -> bytes:
        beginning = b"" if self._length else _event(type="text-start", id=_TEXT)
        if not text.isascii():
            self._wide.extend(self._length + at for at, letter in enumerate(text) if ord(letter) > _BEYOND_BMP)
        self._length += len(text)
        return beginning + _BEFORE + msgspec.json.encode(text) + _AFTER

    def _end_of_text(self) -> bytes:
        return _event(type="text-end", id=_TEXT) if self._length else b""

    def _citation(self, citation: Citation) -> bytes:
        start, end = (place + bisect_left(self._wide, place) for place in (citation.start, citation.end))
        data = {"start": start, "end": end, "sourceId": str(citation.number)}
        return _event(type="data-citation", id=f"{start}:{citation.number}", data=data)

    def _problem(self, problem: PublicProblem) -> bytes:
        # The code is a part of its own: `error` has room for a sentence only.
        code = _event(type="data-problem", data={"code": problem.code}, transient=True)
        return code + _event(type="error", errorText=problem.error) + _DONE


def _source(source: CitationSource, number: int) -> bytes:
    """Return a source; its id is the number that markers in the text cite it by."""
    title = source.title or source.id or str(number)
    shown = {"id": source.id, "relevance": source.relevance_score, "excerpt": source.content_excerpt}
    if source.document_id:
        shown["documentId"] = source.document_id
    about = {"gpo": {name: value for name, value in shown.items() if value is not None}}
    common = {"sourceId": str(number), "title": title, "providerMetadata": about}
    if source.url:
        return _event(type="source-url", url=source.url, **common)
    return _event(type="source-document", mediaType="application/octet-stream", **common)


def _event(**part: Any) -> bytes:
    return b"data: " + msgspec.json.encode(part) + b"\n\n"


# A piece of text is what there are thousands of: all but the text is written once.
_BEFORE, _AFTER = _event(type="text-delta", id=_TEXT, delta="").split(b'""')


class _Data(msgspec.Struct, frozen=True):
    content: str | None = None
    sources: list[CitationSource] | None = None
    metadata: dict[str, Any] | None = None
    error: str | None = None
    code: str | None = None


_DATA = msgspec.json.Decoder(_Data)


@attrs.frozen
class CitedPiece:
    """What an entry adds to an answer."""

    text: str = ""
    sources: Sequence[CitationSource] = ()  # sources that were not known before
    citations: Sequence[Citation] = ()  # citations that have become certain
    metadata: dict[str, Any] | None = None  # what else is said of the answer
    problem: PublicProblem | None = None  # what ends it, if it is not whole


class CitedAnswer:
    """Reads the entries of one answer.

    >>> CitedAnswer().take(Entry(1, '{"content":"Hello","is_complete":false}')).text
    'Hello'
    """

    def __init__(self) -> None:
        self._collector = SourceCollector()
        self._tracker = CitationTracker()

    @property
    def sources(self) -> list[CitationSource]:
        """The sources so far, in the order of their numbers."""
        return self._collector.numbered

    def take(self, entry: Entry) -> CitedPiece:
        """Read the next entry."""
        data = _DATA.decode(entry.data)
        if data.error is not None:
            return CitedPiece(problem=PublicProblem(data.code or ProblemCode.INTERNAL, data.error))
        citations = self._tracker.feed(data.content) if data.content else []
        new: Sequence[CitationSource] = ()
        if data.sources:
            before = len(self.sources)
            self._collector.add(data.sources)
            new = self.sources[before:]
            citations += self._tracker.sources(self.sources)
        if entry.is_last:
            citations += self._tracker.close()
        return CitedPiece(data.content or "", new, citations, data.metadata)
