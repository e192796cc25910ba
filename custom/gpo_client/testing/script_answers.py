"""The answers of a script: what its author wrote, as the events that the contract has for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.plain import json_text, known_values
from gpo_client.models.stream import CitationSource, StreamingChunk
from gpo_sandbox import responses
from gpo_sandbox.store.answers import PlannedAnswer

CONVERSATION_ID = "conv_01"
CREATED_AT = "2026-11-01T12:00:00.000Z"
_CREATED_S = 1_793_534_400.0

#: What an answer is written as: pieces of its text, chunks exactly as they shall be, and sources.
Part = str | StreamingChunk | CitationSource


@attrs.frozen
class Asked:
    """An answer to a question that was asked: as a whole, and as the data of its events."""

    plan: PlannedAnswer
    events: Sequence[str]


@attrs.frozen
class ScriptedAnswer:
    """An answer before anybody has asked.

    Args:
        chunks: Texts, which become chunks of their own, and chunks.
        sources: What the final chunk cites.
    """

    _chunks: Sequence[str | StreamingChunk]
    _sources: Sequence[CitationSource]

    @classmethod
    def of(cls, parts: Iterable[Part], field: str) -> ScriptedAnswer:
        """Read what somebody wrote.

        Raises:
            InvalidArgumentError: A part is none, or comes after the final chunk.
        """
        if isinstance(parts, str):
            raise InvalidArgumentError(
                f"{field} must be a list of texts, chunks and sources, not one text", field=field
            )
        chunks: list[str | StreamingChunk] = []
        sources: list[CitationSource] = []
        for number, part in enumerate(parts):
            place = f"{field}[{number}]"
            if chunks and isinstance(last := chunks[-1], StreamingChunk) and last.is_complete:
                raise InvalidArgumentError(
                    f"{place} comes after a chunk with is_complete, which is the last", field=place
                )
            if isinstance(part, CitationSource):
                sources.append(part)
            elif isinstance(part, str | StreamingChunk):  # pyright: ignore[reportUnnecessaryIsInstance] - not everybody has types
                chunks.append(part)
            else:
                message = f"{place} must be a text, a StreamingChunk or a CitationSource, not {type(part).__name__}"
                raise InvalidArgumentError(message, field=place)
        return cls(chunks, sources)

    def to(self, number: int, conversation_id: str) -> Asked:
        """Answer the question with that number, counted from 1."""
        cited = [
            source for chunk in self._chunks if isinstance(chunk, StreamingChunk) for source in chunk.sources or []
        ]
        plan = PlannedAnswer(
            message_id=f"msg_{number:02}",
            conversation_id=conversation_id,
            chunks=[chunk if isinstance(chunk, str) else chunk.content or "" for chunk in self._chunks],
            sources=[responses.CitationSource(**known_values(source)) for source in [*cited, *self._sources]],
            model_used="scripted",
            created_at=_CREATED_S,
            response_time_ms=0,
        )
        last = self._chunks[-1] if self._chunks else ""
        is_whole = isinstance(last, StreamingChunk) and last.is_complete
        chunks = [
            plan.event(sequence) if isinstance(chunk, str) else chunk for sequence, chunk in enumerate(self._chunks, 1)
        ]
        final = [] if is_whole else [plan.event(plan.event_count)]
        return Asked(plan, [json_text(chunk) for chunk in [*chunks, *final]])
