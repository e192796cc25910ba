"""From the chunks of an answer to the entries of its log."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import attrs
import msgspec

from gpo_client.models.plain import known_values
from gpo_client.models.stream import CitationSource, StreamingChunk
from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.problems import PublicProblem

_encode = msgspec.json.Encoder().encode


class AnswerWriter:
    """Writes the entries of one answer. Sans-I/O.

    Args:
        metadata_fields: The fields of the chunks' metadata that a browser may see; the others stay here.

    >>> writer = AnswerWriter(metadata_fields=())
    >>> writer.chunk(StreamingChunk(content="Hello"))
    Entry(position=1, data='{"content":"Hello","is_complete":false}', is_last=False)
    """

    def __init__(self, metadata_fields: Collection[str]) -> None:
        self._metadata_fields = metadata_fields
        #: How many entries there are.
        self.written = 0
        #: Whether the last one is among them.
        self.ended = False

    def chunk(self, chunk: StreamingChunk) -> Entry | None:
        """Return the entry for a chunk; None when it holds nothing for a browser."""
        if chunk.content and not (chunk.is_complete or chunk.sources or chunk.metadata):
            # Nearly all are of this kind.
            self.written += 1
            return Entry(self.written, f'{{"content":{_encode(chunk.content).decode()},"is_complete":false}}')
        data: dict[str, Any] = {}
        if chunk.content:
            data["content"] = chunk.content
        if chunk.sources:
            data["sources"] = [_as_dict(source) for source in chunk.sources]
        elif chunk.is_complete:
            data["sources"] = []
        shown = {name: value for name, value in (chunk.metadata or {}).items() if name in self._metadata_fields}
        if shown:
            data["metadata"] = shown
        if not data and not chunk.is_complete:
            return None
        return self._entry({**data, "is_complete": chunk.is_complete}, is_last=chunk.is_complete)

    def chunks(self, chunks: Iterable[StreamingChunk]) -> list[Entry]:
        """Return the entries for several chunks."""
        return [entry for chunk in chunks if (entry := self.chunk(chunk)) is not None]

    def finish(self) -> list[Entry]:
        """Return the last entry of an answer whose final chunk was only an end marker; none when it has one."""
        return [] if self.ended else [self._entry({"sources": [], "is_complete": True}, is_last=True)]

    def fail(self, problem: PublicProblem) -> list[Entry]:
        """Return the last entry of an answer that failed; none when it had ended already."""
        return [] if self.ended else [self._entry(attrs.asdict(problem), is_last=True)]

    def take_back(self, position: int) -> None:
        """Count what was written after a position as not written: the log did not take it."""
        self.written = position

    def _entry(self, data: dict[str, Any], *, is_last: bool) -> Entry:
        self.written += 1
        self.ended = is_last
        return Entry(self.written, _encode(data).decode(), is_last)


def problem_entry(problem: PublicProblem) -> Entry:
    """Return an entry for a browser whose answer has no log (any more)."""
    return Entry(1, _encode(attrs.asdict(problem)).decode(), is_last=True)


def _as_dict(source: CitationSource) -> dict[str, Any]:
    # The documents' server calls it `relevance` and their browser reads `relevance_score`: both are served.
    return {**known_values(source), "relevance": source.relevance_score}
