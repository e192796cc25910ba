"""Cited answers: entries of a log read back, with the places where their text cites which source. Sans-I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import msgspec

from gpo_client.models.stream import Citation, CitationSource, CitationTracker
from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.problems import ProblemCode, PublicProblem
from gpo_client.text.sources import SourceCollector


class _Data(msgspec.Struct, frozen=True):
    content: str | None = None
    sources: list[CitationSource] | None = None
    metadata: dict[str, Any] | None = None
    error: str | None = None
    code: str | None = None


_DATA = msgspec.json.Decoder(_Data)


@attrs.frozen
class CitedPiece:
    """What an entry adds to an answer.

    Attributes:
        text: Text.
        sources: Sources that were not known before.
        citations: Citations that have become certain.
        metadata: What else is said of the answer.
        problem: What ends it, if it is not whole.
    """

    text: str = ""
    sources: Sequence[CitationSource] = ()
    citations: Sequence[Citation] = ()
    metadata: dict[str, Any] | None = None
    problem: PublicProblem | None = None


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
        citations: list[Citation] = []
        new: Sequence[CitationSource] = ()
        if data.content:
            citations += self._tracker.feed(data.content)
        if data.sources:
            before = len(self.sources)
            self._collector.add(data.sources)
            new = self.sources[before:]
            citations += self._tracker.sources(self.sources)
        if entry.is_last:
            citations += self._tracker.close()
        return CitedPiece(data.content or "", new, citations, data.metadata)
