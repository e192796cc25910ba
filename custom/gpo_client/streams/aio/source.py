"""Where streams get their chunks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from gpo_client.models.stream import StreamingChunk


class AsyncChunkSource(Protocol):
    """Where a stream gets its chunks."""

    async def advance(self) -> Sequence[StreamingChunk] | None:
        """Return the next chunks, possibly none yet; None at the end."""
        ...

    async def aclose(self) -> None:
        """Let go of the connection."""
        ...


class AsyncUpstream:
    """A stream as the source of another.

    Args:
        advance: Gives its next chunks.
        aclose: Closes it.
        is_open: Whether it was opened already. Who reads it is told so before the first chunk.
    """

    def __init__(
        self,
        advance: Callable[[], Awaitable[Sequence[StreamingChunk] | None]],
        aclose: Callable[[], Awaitable[None]],
        *,
        is_open: bool,
    ) -> None:
        self._advance = advance
        self._release = aclose
        self._is_open = is_open

    async def advance(self) -> Sequence[StreamingChunk] | None:
        """Return the next chunks; none, once, when the stream is open; None at the end."""
        if self._is_open:
            self._is_open = False
            return ()
        return await self._advance()

    async def aclose(self) -> None:
        """Close the stream."""
        await self._release()
