# Derived from custom/gpo_client/streams/aio/pieces.py by `make sync`: edit that file, not this one.
"""The text of a stream, and its progress, piece by piece."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Generic, Self, TypeVar

from gpo_client.exceptions import GPOClientError
from gpo_client.streams.sync.chunk_stream import SyncChunkStream
from gpo_client.streams.wrong_use import SyncIterationOnly, SyncPiecesOnly
from gpo_client.text.record import StreamProgress
from gpo_client.text.transforms.pipeline import Pipeline

T = TypeVar("T")


class SyncChatStreamText(Iterator[str], SyncPiecesOnly):
    """The text of a stream, piece by piece. It holds nothing of its own: close the stream, not this."""

    def __init__(self, stream: SyncChunkStream) -> None:
        self._stream = iter(stream)

    def __repr__(self) -> str:
        """Whose text it is."""
        return f"<{type(self).__name__} of {self._stream!r}>"

    def __iter__(self) -> Self:
        """Itself; a UsageError once the stream is used up."""
        iter(self._stream)
        return self

    def __next__(self) -> str:
        """Return the next piece, never empty."""
        while not (content := (next(self._stream)).content):
            pass
        return content


class SyncTransformedText(Iterator[T], SyncPiecesOnly, Generic[T]):
    """The pieces that transforms make of a stream's text. What they still hold comes before the stream's error.

    They are told of the error (``cut``), so that ``redact`` does not show half of what must not be seen.
    """

    def __init__(self, stream: SyncChunkStream, pipeline: Pipeline[T]) -> None:
        self._stream = iter(stream)
        self._pipeline = pipeline
        self._ready: deque[T] = deque()
        self._failure: GPOClientError | None = None
        self._has_ended = False

    def __repr__(self) -> str:
        """Whose text it is."""
        return f"<{type(self).__name__} of {self._stream!r}>"

    def __iter__(self) -> Self:
        """Itself; a UsageError once all is used up."""
        if self._has_ended and not self._ready:
            iter(self._stream)
        return self

    def __next__(self) -> T:
        """Return the next piece."""
        while not self._ready:
            if self._failure is not None:
                raise self._failure
            if self._has_ended:
                raise StopIteration
            self._advance()
        return self._ready.popleft()

    def _advance(self) -> None:
        try:
            chunk = next(self._stream, None)
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
            self._stream.close()  # nothing can come of it any more
            raise


class SyncChatStreamProgress(Iterator[StreamProgress], SyncIterationOnly):
    """Reads a stream for the sake of its progress; the text is in ``stream.partial``, or wherever else it goes."""

    def __init__(self, stream: SyncChunkStream) -> None:
        self._stream = iter(stream)

    def __iter__(self) -> Self:
        """Itself; a UsageError once the stream is used up."""
        iter(self._stream)
        return self

    def __next__(self) -> StreamProgress:
        """How far it has come with the next chunk."""
        next(self._stream)
        return self._stream.progress_now
