# Derived from custom/gpo_client/streams/aio/chunk_stream.py by `make sync`: edit that file, not this one.
"""A stream of chunks: iterated once, by one consumer, and closed however that ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import length_hint
from types import TracebackType
from typing import Self
from weakref import ref

from gpo_client.exceptions import GPOClientError, StreamInterruptedError, UsageError
from gpo_client.models.stream import StreamedResponse, StreamingChunk
from gpo_client.streams.sync.reader import SyncChunkSource, SyncReader, SyncUpstream
from gpo_client.streams.wrong_use import SyncOnly, silent_end
from gpo_client.text.read_ahead import ReadAhead, StreamStats
from gpo_client.text.record import StreamProgress, StreamRecord


class SyncChunkStream(Iterator[StreamingChunk], SyncOnly):
    """The part of a stream that is iteration.

    Args:
        source: Where the chunks come from.
        record: What is known of the stream.
        ahead: How far it is read ahead of its user; None: it is not.
    """

    def __init__(self, source: SyncChunkSource, record: StreamRecord, ahead: ReadAhead | None = None) -> None:
        self._source = source
        self._record = record
        self._ready: Iterator[StreamingChunk] = iter(())
        self._reading = False
        self._opened = False
        self._ended = False
        self._brings_final = False  # whether the final chunk is, or was, among those that are ready
        self._is_iterated = False
        self._closed = False
        self._failure: GPOClientError | None = None
        self._handed_to: str | None = None
        self._ahead = ahead
        self._reader: Callable[[], SyncReader | None] = lambda: None

    def __repr__(self) -> str:
        """Show where it comes from, how it stands and what it has brought; nothing of what was asked and answered."""
        counts = f"{self._record.chunk_count} chunks, {self.resume_count} resumes"
        return f"<{type(self).__name__} of {self._record.address or 'a service'}: {self._state}, {counts}>"

    @property
    def _state(self) -> str:
        if self._failure is not None:
            return f"failed ({type(self._failure).__name__})"
        if self._ended or self._record.is_complete:
            return "complete"
        if self._closed:
            return "closed"
        if self._handed_to is not None:
            return f"read through {self._handed_to}"
        if not self._opened:
            return "not opened"
        return "reading" if self._record.chunk_count else "waiting"

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

    @property
    def stats(self) -> StreamStats:
        """How reading ahead has gone so far, with ``buffered``, ``batched`` or ``tee``; zeros without them.

        Both the stream that is read ahead and what was made of it tell it; of several in a row, each has its own.
        """
        return self._ahead.stats if self._ahead is not None else StreamStats()

    @property
    def progress_now(self) -> StreamProgress:
        """How far the stream has come, at this moment."""
        return self._record.progress

    def __enter__(self) -> Self:
        """Open the stream: send the request and wait for the head of the answer."""
        self._check_unused()
        if self._opened:
            self._check_usable()  # what has arrived already stays to be read
        else:
            self._advance()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the stream."""
        self.close()

    def __iter__(self) -> Self:
        """Return the stream itself: a second loop goes on where the first one left. Raises UsageError: there is nothing
        to go on with: the stream is used up, and its answer is in ``partial``.
        """
        self._check_unused()
        self._is_iterated = True
        return self

    def __next__(self) -> StreamingChunk:
        """Return the next chunk."""
        while True:
            for chunk in self._ready:
                return chunk
            if self._ended:
                raise StopIteration
            self._advance()

    def next_chunks(self) -> Sequence[StreamingChunk]:
        """Take all chunks that have arrived, and wait until there is one: what one read of the network brought.

        For those who pass chunks on and write once for each read. Otherwise like taking them one by one.

        Returns:
            At least one chunk; none at the end.
        """
        self._is_iterated = True
        while not (chunks := tuple(self._ready)) and not self._ended:
            self._advance()
        return chunks

    def close(self) -> None:
        """Close the stream and release its connection. Closing twice is allowed.

        Another task may close the stream while it is being read: the reader gets a StreamInterruptedError.
        """
        self._release()
        if (reader := self._reader()) is not None:
            reader.stop()

    def _read_ahead(
        self,
        name: str,
        ahead: ReadAhead,
        on_pause: Callable[[], object] | None = None,
        on_resume: Callable[[], object] | None = None,
    ) -> SyncReader:
        """Return a reader of this stream, which from now on is read through what ``name`` returns."""
        self._check_unused()
        self._check_usable()
        self._handed_to = name
        self._ahead = self._ahead or ahead
        upstream = SyncUpstream(self._next_delivery, self._release, is_open=self._opened)
        reader = SyncReader(upstream, ahead, self._record, on_pause, on_resume)
        # Not in a circle: a reader that was dropped must not wait for the garbage collector.
        self._reader = ref(reader)
        return reader

    def _release(self) -> None:
        self._closed = True
        self._ready = iter(())
        self._source.close()

    def _next_delivery(self) -> Sequence[StreamingChunk] | None:
        rest = tuple(self._ready)
        if rest or self._ended:
            return rest or None
        self._advance(self._handed_to)
        return None if self._ended else tuple(self._ready)

    def _advance(self, reader: str | None = None) -> None:
        if self._handed_to != reader:
            self._check_consumer()
        if self._reading or self._closed or self._failure is not None:
            self._check_usable()
        self._reading = True
        try:
            chunks = self._source.advance()
        except GPOClientError as error:
            self._failure = error
            raise
        except StopIteration as error:
            self._release()
            raise silent_end(error) from error
        except BaseException:
            # A cancellation or an interrupt is not ours to raise a second time.
            self._release()
            raise
        finally:
            self._reading = False
        if self._closed:
            raise self._closed_while_reading()
        self._opened = True
        self._ended = chunks is None
        self._brings_final = chunks[-1].is_complete if chunks else False
        self._ready = iter(chunks or ())

    def _closed_while_reading(self) -> StreamInterruptedError:
        return StreamInterruptedError(
            "the stream was closed while it was being read",
            partial=self.partial,
            last_event_id=self.last_event_id,
            request_id=self.request_id,
        )

    def _check_consumer(self) -> None:
        if self._handed_to is not None:
            raise UsageError(f"the stream is read through {self._handed_to}: iterate what that returned")

    def _check_unused(self) -> None:
        """Refuse to begin where there is nothing more, which would look like an empty answer."""
        self._check_consumer()
        # Who takes chunks one by one, the final one included, may still loop over the rest: there is none.
        has_final = self._is_iterated and self._brings_final and not length_hint(self._ready)
        if self._ended or has_final:
            raise UsageError("the stream is used up: its answer is in stream.partial; ask again for a new one")

    def _check_usable(self) -> None:
        if self._failure is not None:
            # An end without an error would look like the end of a whole answer.
            raise self._failure
        if self._closed:
            raise UsageError("the stream is closed: what had arrived is in stream.partial; ask again for a new one")
        if self._reading:
            raise UsageError("the stream is being read already: a stream has one consumer at a time")
