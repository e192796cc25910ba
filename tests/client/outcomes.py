"""Reading streams to their end, whatever that is."""

from __future__ import annotations

from typing import Any

import attrs

from gpo_client import GPOClientError, StreamingChunk
from tests.client.conftest import Connect

__all__ = ["Connect", "Outcome", "outcome_of"]


@attrs.define
class Outcome:
    """What a stream gave."""

    chunks: list[StreamingChunk] = attrs.field(factory=list[StreamingChunk])
    error: GPOClientError | None = None

    @property
    def text(self) -> str:
        """The text of the chunks."""
        return "".join(chunk.content or "" for chunk in self.chunks)


async def outcome_of(stream: Any) -> Outcome:
    """Read a stream to its end."""
    outcome = Outcome()
    try:
        async for chunk in stream:
            outcome.chunks.append(chunk)
    except GPOClientError as error:
        outcome.error = error
    return outcome
