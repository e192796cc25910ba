"""The text of a stream, and its progress, piece by piece."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from typing import Generic, Self, TypeVar

from gpo_client.exceptions import GPOClientError
from gpo_client.streams.aio.chunk_stream import ChunkStream
from gpo_client.streams.wrong_use import AsyncIterationOnly, AsyncPiecesOnly
from gpo_client.text.record import StreamProgress
from gpo_client.text.transforms.pipeline import Pipeline

T = TypeVar("T")


class ChatStreamText(AsyncIterator[str], AsyncPiecesOnly):
    """The text of a stream, piece by piece. It holds nothing of its own: close the stream, not this."""

    def __init__(self, stream: ChunkStream) -> None:
        self._stream = aiter(stream)

    def __repr__(self) -> str:
        """Whose text it is."""
        return f"<{type(self).__name__} of {self._stream!r}>"

    def __aiter__(self) -> Self:
        """Itself; a UsageError once the stream is used up."""
        aiter(self._stream)
        return self

    async def __anext__(self) -> str:
        """Return the next piece, never empty."""
        while not (content := (await anext(self._stream)).content):
            pass
        return content


class TransformedText(AsyncIterator[T], AsyncPiecesOnly, Generic[T]):
    """The pieces that transforms make of a stream's text. What they still hold comes before the stream's error.

    They are told of the error (``cut``), so that ``redact`` does not show half of what must not be seen.
    """

    def __init__(self, stream: ChunkStream, pipeline: Pipeline[T]) -> None:
        self._stream = aiter(stream)
        self._pipeline = pipeline
        self._ready: deque[T] = deque()
        self._failure: GPOClientError | None = None
        self._has_ended = False

    def __repr__(self) -> str:
        """Whose text it is."""
        return f"<{type(self).__name__} of {self._stream!r}>"

    def __aiter__(self) -> Self:
        """Itself; a UsageError once all is used up."""
        if self._has_ended and not self._ready:
            aiter(self._stream)
        return self

    async def __anext__(self) -> T:
        """Return the next piece."""
        while not self._ready:
            if self._failure is not None:
                raise self._failure
            if self._has_ended:
                raise StopAsyncIteration
            await self._advance()
        return self._ready.popleft()

    async def _advance(self) -> None:
        try:
            chunk = await anext(self._stream, None)
        except GPOClientError as error:
            self._failure, chunk = error, None
        try:
            if chunk is None:
                self._has_ended = True
                rest = self._pipeline.close() if self._failure is None else self._pipeline.cut()
                self._ready.extend(rest)
            elif chunk.content:
                self._ready.extend(self._pipeline.feed(chunk.content))
        except BaseException:
            await self._stream.aclose()  # nothing can come of it any more
            raise


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
