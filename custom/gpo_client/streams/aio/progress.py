"""A stream as a progress bar sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Self

from gpo_client.streams.aio.chunk_stream import ChunkStream
from gpo_client.streams.wrong_use import AsyncIterationOnly
from gpo_client.text.progress import StreamProgress


class ChatStreamProgress(AsyncIterator[StreamProgress], AsyncIterationOnly):
    """Reads a stream for the sake of its progress; the text is in ``stream.partial``, or wherever else it goes."""

    def __init__(self, stream: ChunkStream) -> None:
        self._stream = aiter(stream)

    def __aiter__(self) -> Self:
        """Itself; a UsageError once the stream is used up."""
        aiter(self._stream)
        return self

    async def __anext__(self) -> StreamProgress:
        """How far it has come with the next chunk."""
        await anext(self._stream)
        return self._stream.progress_now
