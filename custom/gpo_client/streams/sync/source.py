# Derived from custom/gpo_client/streams/aio/source.py by `make sync`: edit that file, not this one.
"""Where streams get their chunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from gpo_client.models.stream import StreamingChunk


class SyncChunkSource(Protocol):
    """Where a stream gets its chunks."""

    def advance(self) -> Sequence[StreamingChunk] | None:
        """Return the next chunks, possibly none yet; None at the end."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class SyncUpstream:
    """A stream as the source of another.

    Args:
        advance: Gives its next chunks.
        close: Closes it.
        is_open: Whether it was opened already. Who reads it is told so before the first chunk.
    """

    def __init__(
        self,
        advance: Callable[[], Sequence[StreamingChunk] | None],
        close: Callable[[], None],
        *,
        is_open: bool,
    ) -> None:
        self._advance = advance
        self._release = close
        self._is_open = is_open

    def advance(self) -> Sequence[StreamingChunk] | None:
        """Return the next chunks; none, once, when the stream is open; None at the end."""
        if self._is_open:
            self._is_open = False
            return ()
        return self._advance()

    def close(self) -> None:
        """Close the stream."""
        self._release()
