"""The stream of one answer, as its user holds it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self

from gpo_client.exceptions import GPOClientError, StreamInterruptedError, UsageError
from gpo_client.models.stream import StreamedResponse, StreamingChunk
from gpo_client.streaming.aggregate import ChunkAggregator
from gpo_client.streaming.record import StreamRecord


class AsyncChunkSource(Protocol):
    """Where a stream gets its chunks."""

    async def advance(self) -> Sequence[StreamingChunk] | None:
        """The next chunks, possibly none yet; None at the end."""
        ...

    async def aclose(self) -> None:
        """Let go of the connection."""
        ...


class ChatStream(AsyncIterator[StreamingChunk]):
    """The stream of one answer: an iterator of chunks, and a context manager.

    Nothing is sent before the stream is entered or iterated. As a context manager it releases its connection when the
    block is left, however it is left::

        async with client.chat_stream(context, {"query": "What is RESICO?"}) as stream:
            async for chunk in stream:
                print(chunk.content or "", end="")

    It also works in ``async for`` alone; the connection is released with the final chunk. If you may leave such a loop
    early, use ``async with``.

    A stream is consumed once, by one task at a time.

    Raises, while it is entered or iterated:
        APIStatusError: The server refused; no stream began.
        GPOConnectionError: The server could not be reached; no stream began.
        StreamError: The stream began and failed. The chunks before are delivered first; ``error.partial`` holds them.
        UsageError: The stream is closed, or another task is reading it.
    """

    def __init__(self, source: AsyncChunkSource, record: StreamRecord) -> None:
        self._source = source
        self._record = record
        self._ready: Iterator[StreamingChunk] = iter(())
        self._reading = False
        self._ended = False
        self._closed = False
        self._failure: GPOClientError | None = None

    @property
    def request_id(self) -> str | None:
        """The ``X-Request-ID`` of the (last) request; None before the stream is open."""
        return self._record.request_id

    @property
    def last_event_id(self) -> str | None:
        """The id of the last event received; None when there was none, or the server gives none."""
        return self._record.last_event_id

    @property
    def resume_count(self) -> int:
        """How often the stream was continued on a new connection."""
        return self._record.resume_count

    @property
    def partial(self) -> StreamedResponse:
        """Everything received so far (of the text, at most the first million characters)."""
        return self._record.partial

    async def __aenter__(self) -> Self:
        """Open the stream: send the request and wait for the head of the answer."""
        await self._advance()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the stream."""
        await self.aclose()

    def __aiter__(self) -> Self:
        """The stream itself: a second loop goes on where the first one left."""
        return self

    async def __anext__(self) -> StreamingChunk:
        """The next chunk."""
        while True:
            for chunk in self._ready:
                return chunk
            if self._ended:
                raise StopAsyncIteration
            await self._advance()

    def text(self) -> ChatStreamText:
        """The answer's text alone: an iterator of the chunks' contents, those without any left out."""
        return ChatStreamText(self)

    async def collect(self, max_chars: int | None = None) -> StreamedResponse:
        """Read the stream to its end and put the chunks together.

        Args:
            max_chars: How many characters of text to keep; the rest is read but dropped, and ``truncated`` says so.
                Default: None, all.

        Raises:
            ValueError: ``max_chars`` is negative.
        """
        aggregator = ChunkAggregator(max_chars)
        async for chunk in self:
            aggregator.add(chunk)
        return self._record.complete(aggregator.result())

    async def aclose(self) -> None:
        """Close the stream and release its connection. Closing twice is allowed.

        Another task may close the stream while it is being read: the reader gets a StreamInterruptedError.
        """
        self._closed = True
        self._ready = iter(())
        await self._source.aclose()

    close = aclose  # async only

    async def _advance(self) -> None:
        self._check_usable()
        self._reading = True
        try:
            chunks = await self._source.advance()
        except GPOClientError as error:
            self._failure = error
            raise
        except BaseException:
            # A cancellation or an interrupt is not ours to raise a second time.
            self._closed = True
            raise
        finally:
            self._reading = False
        if self._closed:
            raise self._closed_while_reading()
        self._ended = chunks is None
        self._ready = iter(chunks or ())

    def _closed_while_reading(self) -> StreamInterruptedError:
        return StreamInterruptedError(
            "the stream was closed while it was being read",
            partial=self.partial,
            last_event_id=self.last_event_id,
            request_id=self.request_id,
        )

    def _check_usable(self) -> None:
        if self._failure is not None:
            # An end without an error would look like the end of a whole answer.
            raise self._failure
        if self._closed:
            raise UsageError("the stream is closed; ask again for a new one")
        if self._reading:
            raise UsageError("the stream is being read already: a stream has one consumer at a time")


class ChatStreamText(AsyncIterator[str]):
    """The text of a stream, piece by piece. It holds nothing of its own: close the stream, not this."""

    def __init__(self, stream: ChatStream) -> None:
        self._stream = stream

    def __aiter__(self) -> Self:
        """Itself."""
        return self

    async def __anext__(self) -> str:
        """The next piece, never empty."""
        while not (content := (await anext(self._stream)).content):
            pass
        return content
