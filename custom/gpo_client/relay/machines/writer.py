"""From the chunks of an answer to the entries of its log."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import attrs
import msgspec

from gpo_client.models.stream import CitationSource, StreamingChunk
from gpo_client.models.unknown import known_values
from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.problems import PublicProblem


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
        """The entry for a chunk; None when it holds nothing for a browser."""
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

    def finish(self) -> Entry | None:
        """The last entry of an answer whose final chunk was only an end marker; None when it has one."""
        return None if self.ended else self._entry({"sources": [], "is_complete": True}, is_last=True)

    def fail(self, problem: PublicProblem) -> Entry | None:
        """The last entry of an answer that failed; None when it had ended already."""
        return None if self.ended else self._entry(attrs.asdict(problem), is_last=True)

    def _entry(self, data: dict[str, Any], *, is_last: bool) -> Entry:
        self.written += 1
        self.ended = is_last
        return Entry(self.written, msgspec.json.encode(data).decode(), is_last)


def problem_entry(problem: PublicProblem) -> Entry:
    """An entry for a browser whose answer has no log (any more)."""
    return Entry(1, msgspec.json.encode(attrs.asdict(problem)).decode(), is_last=True)


def _as_dict(source: CitationSource) -> dict[str, Any]:
    # The documents' server calls it `relevance` and their browser reads `relevance_score`: both are served.
    return {**known_values(source), "relevance": source.relevance_score}
