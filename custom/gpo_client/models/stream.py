"""What an answer stream is made of: chunks, the sources they cite, and the sum of it all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from gpo_client.models.notebooks import ShownAnswer
from gpo_client.models.portable import AnsweredInParts, Portable
from gpo_client.models.unknown import additional_properties

if TYPE_CHECKING:
    from gpo_client.models.citations import Citation


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
        additional_properties: Fields that a newer service sends and this version does not know, and the raw values of
            those that could not be read.

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
# its own in half the time.
class StreamingChunk(
    msgspec.Struct, Portable, frozen=True, kw_only=True, forbid_unknown_fields=True, repr_omit_defaults=True
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
        """Where the text cites which source: its markers ``[1]``, ``[1][2]`` and ``[1, 2]``, in the order of the text.

        Numbers count the sources as the service listed them (``numbered_sources``), which may differ from their order
        by relevance (``sources``). Brackets are no citation in code, after a backslash, as the text of a Markdown link
        (``[1](…)``), and when their number is that of no source.

        >>> source = CitationSource(id="s", title="VAT Act", relevance_score=0.9, url=None, content_excerpt=None)
        >>> answer = StreamedResponse(content="Exports: 0 %. [1]", numbered_sources=[source])
        >>> [(answer.content[each.start : each.end], each.source.title) for each in answer.citations()]
        [('[1]', 'VAT Act')]
        """
        from gpo_client.models.citations import find_citations  # which needs the sources of this module

        return find_citations(self.content, self.numbered_sources)

    def _shown(self) -> tuple[str, Sequence[CitationSource]]:
        return self.content, self.numbered_sources or self.sources
