"""What a stream had brought before its connection broke."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from gpo_client.models.stream import CitationSource, StreamingChunk


@attrs.frozen(kw_only=True)
class Past:
    """What has been delivered of an answer over earlier connections, to hold against what a new one brings.

    Attributes:
        text: The text; None when it is not known in full.
        chunk_count: How many chunks it came in.
        metadata: The chunks' metadata, merged.
        sources: The sources.
    """

    text: str | None = None
    chunk_count: int = 0
    metadata: dict[str, Any] = attrs.field(factory=dict[str, Any])
    sources: Sequence[CitationSource] = ()

    def has_rest_of(self, chunk: StreamingChunk) -> bool:
        """Whether all that a chunk carries besides text has been delivered."""
        known = {source.id for source in self.sources}
        return all(source.id in known for source in chunk.sources or ()) and all(
            name in self.metadata and self.metadata[name] == value for name, value in (chunk.metadata or {}).items()
        )
