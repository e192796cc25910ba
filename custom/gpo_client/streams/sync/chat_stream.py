# Derived from custom/gpo_client/streams/aio/chat_stream.py by `make sync`: edit that file, not this one.
"""The stream of one answer, as its user holds it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Generic, Self, TypeVar, overload

from gpo_client.drivers.files import PartFile
from gpo_client.exceptions import GPOClientError, InvalidArgumentError
from gpo_client.models.stream import StreamedResponse
from gpo_client.streams.sync.chunk_stream import SyncChunkStream
from gpo_client.streams.sync.reader import SyncBatches, SyncChunkSource, SyncConsumer
from gpo_client.streams.wrong_use import SyncIterationOnly, SyncPiecesOnly, silent_end
from gpo_client.text.bounds import Keep
from gpo_client.text.read_ahead import Batcher, ReadAhead, check_callback
from gpo_client.text.record import StreamProgress
from gpo_client.text.transforms.machine import Pipeline, Splitter, TextTransform

T = TypeVar("T")

# Batches hold little, but what arrives within an interval has to fit.
_BATCH_CHUNKS, _BATCH_BYTES = 1024, 1_000_000


class SyncChatStream(SyncChunkStream):
    """The stream of one answer: an iterator of chunks, and a context manager.

    Nothing is sent before the stream is entered or iterated. As a context manager it releases its connection when the
    block is left, however it is left::

        with client.chat_stream(context, {"query": "What is RESICO?"}) as stream:
            for chunk in stream:
                print(chunk.content or "", end="")

    It also works in ``for`` alone; the connection is released with the final chunk. If you may leave such a loop
    early, use ``with``.

    A stream is consumed once. A loop that is left early can be gone on with by another, or by ``collect`` and the like,
    which give the rest. Once a loop has come to the end or has had the final chunk, the stream is used up: whoever
    begins anew gets a UsageError, and ``partial`` has the answer.

    Nothing is read before it is asked for, so a slow consumer slows the server. ``buffered``, ``batched`` and ``tee``
    give new streams, which are iterated instead of this one; closing this one closes them.

    Thread and task safety: it is read by one thread at a time, and another thread may close it. The streams that
    ``tee`` gives are read side by side, each in a thread of its own.

    Raises, while it is entered or iterated:
        APIStatusError: The server refused; no stream began.
        GPOConnectionError: The server could not be reached; no stream began.
        StreamError: The stream began and failed. The chunks before are delivered first; ``error.partial`` holds them.
        UsageError: The stream is closed or used up, another thread is reading it, or it was handed to ``buffered`` or
            the like.
    """

    def text(self) -> SyncChatStreamText:
        """Return the answer's text alone: an iterator of the chunks' contents, those without any left out."""
        return SyncChatStreamText(self)

    def collect(self, max_chars: int | None = None, keep: Keep = "head") -> StreamedResponse:
        """Read the stream to its end and put the chunks together.

        Args:
            max_chars: How many characters of text to keep; the rest is read but dropped, and ``truncated`` says so.
                Default: None, all. Sources are bounded by ``max_sources`` and ``max_source_bytes`` of the client.
            keep: Which end of a longer text to keep: ``"head"`` (the default) or ``"tail"``.

        Raises:
            InvalidArgumentError: ``max_chars`` is negative, or ``keep`` is neither of the two.
        """
        aggregator = self._record.aggregator(max_chars, keep)
        for chunk in self:
            aggregator.add(chunk)
        return self._record.complete(aggregator.result())

    def buffered(
        self,
        max_chunks: int = 64,
        max_bytes: int = 1_000_000,
        *,
        low: float = 0.8,
        on_pause: Callable[[], object] | None = None,
        on_resume: Callable[[], object] | None = None,
    ) -> SyncChatStream:
        """Return the same chunks, read ahead in the background while you are busy with one.

        Reading pauses when the buffer is full and goes on when it has been emptied below ``low``. While it is paused
        nothing is taken from the network, which stops the server. What one read of the network brings (at most 64 KiB)
        is not torn apart, so the buffer may be over its limit by that much.

        Args:
            max_chunks: How many chunks to hold. Default 64.
            max_bytes: How many bytes of text and excerpts to hold. Default 1,000,000.
            low: The part of either limit below which reading goes on. Default 0.8.
            on_pause: Called, without arguments and beside your own code, when reading pauses. It must not take long:
                nothing is read meanwhile. An error it raises ends the stream.
            on_resume: Called when reading goes on; the same holds.

        Raises:
            InvalidArgumentError: A limit is not positive, ``low`` is not between 0 and 1, or a callback is no function
                that can be called without waiting.
            UsageError: The stream is closed, or was handed on already.
        """
        check_callback("on_pause", on_pause)
        check_callback("on_resume", on_resume)
        ahead = ReadAhead(max_chunks, max_bytes, low)
        return self._derived(SyncConsumer(self._read_ahead("buffered()", ahead, on_pause, on_resume)), ahead)

    def batched(self, interval: float = 0.05, max_chars: int | None = None) -> SyncChatStream:
        """Fewer, larger chunks, for whoever redraws with each: at most one every ``interval``.

        The first chunk comes at once, and nothing is held longer than the interval, also when the stream falls silent,
        ends or fails. Text, sources, metadata and the final flag are those of the chunks joined.

        Args:
            interval: Seconds. Default 0.05.
            max_chars: Hand out a batch early when it has this many characters. Default: None, never.

        Raises:
            InvalidArgumentError: ``interval`` is negative, or ``max_chars`` is less than 1.
            UsageError: The stream is closed, or was handed on already.
        """
        batcher = Batcher(interval, max_chars)
        ahead = ReadAhead(_BATCH_CHUNKS, _BATCH_BYTES, low=1.0)
        return self._derived(SyncBatches(self._read_ahead("batched()", ahead), batcher, self._record), ahead)

    def tee(
        self, n: int = 2, *, max_chunks: int = 64, max_bytes: int = 1_000_000, low: float = 0.8, patience: float = 30.0
    ) -> tuple[SyncChatStream, ...]:
        """Several streams of the same chunks, to be read side by side.

        They share one bounded buffer: the fastest waits for the slowest. One that is closed is waited for no longer,
        nor is one that was dropped or, on asyncio, whose task was cancelled or failed.

        Args:
            n: How many. Default 2.
            max_chunks: How many chunks the fastest may be ahead. Default 64.
            max_bytes: How many bytes of text and excerpts. Default 1,000,000.
            low: The part of either limit below which reading goes on. Default 0.8.
            patience: Seconds that one waits for another before it raises a UsageError. Default 30.

        Raises:
            InvalidArgumentError: A number is not positive, or ``low`` is not between 0 and 1.
            UsageError: The stream is closed, or was handed on already.
        """
        if not isinstance(patience, (int, float)) or not patience > 0:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgumentError(f"patience must be seconds, more than 0, not {patience!r}", field="patience")
        ahead = ReadAhead(max_chunks, max_bytes, low, consumers=n)
        reader = self._read_ahead("tee()", ahead)
        return tuple(self._derived(SyncConsumer(reader, number, patience), ahead) for number in range(n))

    @overload
    def transform(self, *transforms: TextTransform) -> SyncTransformedText[str]: ...

    @overload
    def transform(self, *transforms: *tuple[*tuple[TextTransform, ...], Splitter[T]]) -> SyncTransformedText[T]: ...

    def transform(self, *transforms: Any) -> SyncTransformedText[Any]:  # type: ignore[misc] # mypy: as for Pipeline
        """Return the answer's text, transformed: an iterator of texts, or of what a splitter at the end cuts it into.

        The transforms see the text as one, however it was cut into chunks. When the stream fails, what they still hold
        comes first; of that, ``redact`` does not show what may be the beginning of a match. When one of them raises,
        the stream is closed and its error is raised; ``partial`` stays.

        Args:
            transforms: From ``gpo_client.streaming``: ``highlight``, ``escape_html``, ``redact``, then perhaps one of
                ``code_blocks``, ``sentences``, ``lines``; or objects of your own with ``feed`` and ``close``.

        Raises:
            InvalidArgumentError: There are none, one is no transform, or a splitter is not the last.
        """
        return SyncTransformedText(self, Pipeline(*transforms))

    def progress(self) -> SyncChatStreamProgress:
        """Read the stream for its progress alone: an iterator of ``StreamProgress``, one for each chunk.

        ``progress_now`` tells the same at any moment, to those who iterate something else.
        """
        return SyncChatStreamProgress(self)

    def to_file(self, path: str | os.PathLike[str]) -> StreamedResponse:
        """Write the text to a file as it arrives (UTF-8), and put the file in its place when the answer is whole.

        When the stream fails, what arrived is kept beside it, with ``.part`` added to the name.

        Args:
            path: The file. One that exists is replaced, at the end; its mode and owner stay, and links are followed.
                What is no regular file (a pipe, a device, ``/dev/stdout``) is written into as the text arrives.

        Returns:
            What ``collect`` would (of the text, at most the first million characters).

        Raises:
            OSError: The file cannot be written.
            StreamError: As for iterating; what arrived is in the ``.part`` file.
        """
        self._check_unused()
        try:
            with PartFile(path) as file:
                for text in self.text():
                    file.write(text.encode("utf-8", "replace"))
        except BaseException:
            self.close()  # a disk that is full is no reason to keep the server waiting
            raise
        return self.partial

    def _derived(self, source: SyncChunkSource, ahead: ReadAhead) -> SyncChatStream:
        return SyncChatStream(source, self._record, ahead)


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
        except BaseException as error:
            self._stream.close()  # nothing can come of it any more
            if isinstance(error, StopIteration):
                raise silent_end(error) from error
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
