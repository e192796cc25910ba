"""Parts of an answer stream: chunks, sources and where the text cites them, and the sum of it all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import attrs
import msgspec

from gpo_client.markdown import CodeTracker
from gpo_client.models.notebooks import ShownAnswer
from gpo_client.models.plain import additional_properties
from gpo_client.models.portable import AnsweredInParts, Portable


@attrs.frozen(kw_only=True)
class CitationSource(Portable):
    """A source that an answer cites.

    Attributes:
        id: Identifies the source within the service; None when the service does not say.
        title: The title to show; None when it has none.
        relevance_score: How much it bears on the question, from 0 to 1; None when the service does not say.
        url: Where to read it; None when it has no address.
        content_excerpt: The cited passage; None when the service does not quote it.
        document_id: The document it comes from, for ``download_document``.
        metadata: Whatever else the service says of it.
        additional_properties: What a newer service sends and this version does not know, or could not read.

    >>> CitationSource(id="src_01", title="VAT Act").url is None
    True
    """

    id: str | None = None
    title: str | None = None
    relevance_score: float | None = None
    url: str | None = None
    content_excerpt: str | None = None
    document_id: str | None = None
    metadata: dict[str, Any] | None = None
    additional_properties: dict[str, Any] = additional_properties()


# Not attrs, like its neighbours: there are thousands of chunks to one of anything else, and msgspec decodes a class of
# its own in half the time. Python's collector does not look at them: nothing that a chunk holds leads back to it.
class StreamingChunk(
    msgspec.Struct, Portable, frozen=True, kw_only=True, forbid_unknown_fields=True, repr_omit_defaults=True, gc=False
):
    """One piece of an answer stream.

    Attributes:
        content: The next piece of the answer's text; None in a chunk that carries none.
        sources: The sources the answer cites, usually in the final chunk; None in a chunk that carries none.
        is_complete: True in the final chunk, and only there.
        metadata: Whatever else the service says, such as ``message_id`` and ``model_used``.
        additional_properties: Fields that a newer service sends and this version does not know, and the raw values of
            those that could not be read; None when there are none.

    >>> StreamingChunk(content="Mexico taxes ").is_complete
    False
    """

    content: str | None = None
    sources: list[CitationSource] | None = None
    is_complete: bool = False
    metadata: dict[str, Any] | None = None
    additional_properties: dict[str, Any] | None = None


@attrs.frozen(kw_only=True)
class StreamedResponse(ShownAnswer, AnsweredInParts):
    """All chunks of a stream put together, or as many as arrived.

    Attributes:
        content: The text.
        sources: The cited passages, each once, most relevant first; several of one document are several.
        metadata: The chunks' metadata merged, later values winning.
        is_complete: Whether the final chunk arrived.
        truncated: Whether text, sources or metadata were dropped, as they were over a limit.
        chunk_count: How many chunks arrived.
        time_to_first_chunk: Seconds from the request to the first chunk; None when none arrived.
        duration: Seconds from the request to the last chunk, or to the failure.
        resume_count: How often the stream was continued on a new connection.
        message_id: The id of the answer, when the service told it.
        request_id: The ``X-Request-ID`` of the (last) request.
        numbered_sources: The sources in the order in which the service listed them: ``[1]`` in the text stands for the
            first. A source listed again in a later chunk keeps its number.
    """

    content: str = ""
    sources: list[CitationSource] = attrs.field(factory=list[CitationSource])
    metadata: dict[str, Any] = attrs.field(factory=dict[str, Any])
    is_complete: bool = False
    truncated: bool = False
    chunk_count: int = 0
    time_to_first_chunk: float | None = None
    duration: float | None = None
    resume_count: int = 0
    message_id: str | None = None
    request_id: str | None = None
    numbered_sources: list[CitationSource] = attrs.field(factory=list[CitationSource], repr=False)

    def citations(self) -> list[Citation]:
        """Return the text's citations: its markers ``[1]``, ``[1][2]`` and ``[1, 2]``, in the order of the text.

        Numbers count the sources as the service listed them (``numbered_sources``), which may differ from their order
        by relevance (``sources``). Brackets are no citation in code, after a backslash, as the text of a Markdown link
        (``[1](…)``), and when their number is that of no source.

        >>> source = CitationSource(id="s", title="VAT Act", relevance_score=0.9, url=None, content_excerpt=None)
        >>> answer = StreamedResponse(content="Exports: 0 %. [1]", numbered_sources=[source])
        >>> [(answer.content[each.start : each.end], each.source.title) for each in answer.citations()]
        [('[1]', 'VAT Act')]
        """
        from gpo_client.models.stream import find_citations  # which needs the sources of this module

        return find_citations(self.content, self.numbered_sources)

    def _shown(self) -> tuple[str, Sequence[CitationSource]]:
        return self.content, self.numbered_sources or self.sources


# A marker that a backslash escapes, or that is the text of a link, is none.
_MARKER = re.compile(r"\\.|\[ ?([0-9]{1,6}(?: ?[,;] ?[0-9]{1,6}){0,24}) ?\](?!\()", re.DOTALL)
_NUMBER = re.compile(r"[0-9]+")
# What may become a marker, or escape one, with the text that follows. No marker is longer.
_BEGINNING = re.compile(r"(?:\\|\[[ 0-9,;]{0,256}\]?)\Z")


@attrs.frozen(kw_only=True)
class Citation(Portable):
    """A place in a text where a source is cited.

    Attributes:
        start: Where the marker begins, counted in characters from the beginning of the text.
        end: Where it ends: ``text[start:end]`` is the marker, such as ``"[1]"``.
        number: The number in the marker. The numbers of one marker, as in ``"[1, 2]"``, share its place.
        source: The source that it stands for.
    """

    start: int
    end: int
    number: int
    source: CitationSource


def find_citations(text: str, sources: Sequence[CitationSource]) -> list[Citation]:
    """Resolve the markers in a text, in its order: ``[1]`` is the first source that the service listed.

    Brackets are no marker in code (between backticks or fences), after a backslash, as the text of a Markdown link
    (``[1](…)``), and when their number is that of no source.
    """
    tracker = CitationTracker()
    tracker.sources(sources)
    return [*tracker.feed(text), *tracker.close()]


class CitationTracker:
    """Find the citations of a text that is still arriving, each as soon as it is certain. Sans-I/O.

    A marker is certain when the character after it is there, as ``[1](`` begins a link, and when its source is known.

    >>> tracker = CitationTracker()
    >>> tracker.feed("Exports: 0 %. [1"), tracker.feed("] Imports"), tracker.feed(" too.")
    ([], [], [])
    >>> [(each.start, each.end) for each in tracker.sources([CitationSource(id="s", title="VAT Act")])]
    [(14, 17)]
    """

    def __init__(self) -> None:
        self._code = CodeTracker()
        self._sources: Sequence[CitationSource] = ()
        self._tail = ""  # text, none of it code, that may still hold the beginning of a marker
        self._tail_start = 0  # where it begins
        self._waiting: list[tuple[int, int, int]] = []  # markers whose source is not known yet: start, end, number

    def sources(self, sources: Sequence[CitationSource]) -> list[Citation]:
        """Take in the sources known by now, all of them; return the citations that become certain."""
        self._sources = sources
        return self._resolved()

    def feed(self, text: str) -> list[Citation]:
        """Take in the next piece of text; return the citations that become certain."""
        self._take(self._code.feed(text))
        return self._resolved()

    def close(self) -> list[Citation]:
        """End the text; return the rest."""
        self._take(self._code.close())
        self._scan(is_over=True)
        return self._resolved()

    def _take(self, pieces: Sequence[tuple[bool, str]]) -> None:
        for is_code, part in pieces:
            if is_code:
                self._scan(is_over=True)
                self._tail_start += len(part)
            else:
                self._tail += part
                self._scan(is_over=False)

    def _scan(self, *, is_over: bool) -> None:
        done, size = 0, len(self._tail)
        for marker in _MARKER.finditer(self._tail):
            if marker[1] and marker.end() == size and not is_over:
                break
            done = marker.end()
            place = self._tail_start + marker.start(), self._tail_start + marker.end()
            self._waiting.extend((*place, int(digits)) for digits in _NUMBER.findall(marker[1] or ""))
        if not is_over and (beginning := _BEGINNING.search(self._tail, done)):
            size = beginning.start()
        self._tail, self._tail_start = self._tail[size:], self._tail_start + size

    def _resolved(self) -> list[Citation]:
        found, waiting, known = list[Citation](), self._waiting, len(self._sources)
        self._waiting = []
        for start, end, number in waiting:
            if 1 <= number <= known:
                source = self._sources[number - 1]
                found.append(Citation(start=start, end=end, number=number, source=source))
            else:
                self._waiting.append((start, end, number))
        return found
