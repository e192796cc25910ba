"""How an answer is shown: what every way of showing one does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Self

import attrs

from gpo_client.cli.answer.sources import sources_text
from gpo_client.models.stream import StreamingChunk
from gpo_client.printable import one_line
from gpo_client.text.sources import SourceCollector


@attrs.frozen(kw_only=True)
class AnswerFacts:
    """What is told below an answer.

    Attributes:
        conversation_id: The conversation it belongs to.
        message_id: The answer's id, for feedback; None when the service did not tell it.
        first_chunk_s: Seconds to the first chunk; None for an answer that was not streamed.
        duration_s: Seconds to the end.
        resume_count: How often the stream was continued on a new connection.
        warnings: What to take care of.
    """

    conversation_id: str
    message_id: str | None = None
    first_chunk_s: float | None = None
    duration_s: float | None = None
    resume_count: int = 0
    warnings: Sequence[str] = ()


class AnswerView(Protocol):
    """Shows one answer. A context manager: left early, it leaves the terminal as it should be."""

    def __enter__(self) -> Self:
        """Begin: the question is on its way."""
        ...

    def __exit__(self, *error: object) -> None:
        """End, with all that had arrived on view."""
        ...

    def status(self, text: str) -> None:
        """Say what is being waited for."""
        ...

    def chunk(self, chunk: StreamingChunk) -> None:
        """Show a chunk."""
        ...

    def finish(self, facts: AnswerFacts) -> None:
        """Show that the answer is whole."""
        ...


class _Unattended:
    """What nobody watches while it is being written."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def status(self, text: str) -> None:
        pass


class PlainView(_Unattended):
    """The text as it is, for pipes and files.

    Args:
        write: Takes the text, piece by piece.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._sources = SourceCollector()
        self._last = "\n"

    def __exit__(self, *error: object) -> None:
        """End the last line, however far it got."""
        if not self._last.endswith("\n"):
            self._last = "\n"
            self._write("\n")

    def chunk(self, chunk: StreamingChunk) -> None:
        """Write the chunk's text."""
        if chunk.content:
            self._write(chunk.content)
            self._last = chunk.content
        self._sources.add(chunk.sources or ())

    def finish(self, facts: AnswerFacts) -> None:
        """Write the sources below the text."""
        self.__exit__()
        for warning in facts.warnings:
            self._write(f"\nWarning: {one_line(warning)}\n")
        if self._sources.numbered:
            self._write(f"\n{sources_text(self._sources.numbered)}\n")


class JsonView(_Unattended):
    """One JSON object for each chunk (NDJSON), with the conversation it belongs to.

    Args:
        write: Takes the objects.
        conversation_id: The conversation.
    """

    def __init__(self, write: Callable[[Mapping[str, Any]], None], conversation_id: str) -> None:
        self._write = write
        self._conversation_id = conversation_id

    def chunk(self, chunk: StreamingChunk) -> None:
        """Write the chunk."""
        self._write({**chunk.to_dict(), "conversation_id": self._conversation_id})

    def finish(self, facts: AnswerFacts) -> None:
        """Nothing is left to say."""
