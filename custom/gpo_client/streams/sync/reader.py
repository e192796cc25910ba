# Derived from custom/gpo_client/streams/aio/reader.py by `make sync`: edit that file, not this one.
"""Readers beside a stream's consumers, as far ahead as the buffer allows, and where streams get their chunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from gpo_client.concurrency.background import SyncBackground, SyncWatch
from gpo_client.concurrency.waiting import SyncCondition
from gpo_client.exceptions import StreamInterruptedError, UsageError
from gpo_client.models.stream import StreamingChunk
from gpo_client.text.read_ahead import Batcher, ReadAhead
from gpo_client.text.record import StreamRecord


class SyncChunkSource(Protocol):
    """A source of chunks for a stream."""

    def advance(self) -> Sequence[StreamingChunk] | None:
        """Return the next chunks, possibly none yet; None at the end."""

    def close(self) -> None:
        """Let go of the connection."""


class SyncUpstream:
    """A stream as the source of another, whose reader is told when it has opened, before the first chunk."""

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


class SyncReader:
    """Reads a source in the background, for one consumer or several, and tells when it pauses and goes on."""

    def __init__(
        self,
        source: SyncChunkSource,
        ahead: ReadAhead,
        record: StreamRecord,
        on_pause: Callable[[], object] | None = None,
        on_resume: Callable[[], object] | None = None,
    ) -> None:
        self._source = source
        self.ahead = ahead
        self._record = record
        self._on_pause = on_pause
        self._on_resume = on_resume
        self._background = SyncBackground()
        self._condition = SyncCondition()
        self._is_open = False
        self._has_ended = False
        self._is_stopped = False
        self._failure: Exception | None = None

    def open(self) -> None:
        """Wait until the stream is open. Raises GPOClientError if it cannot be opened."""
        self._background.check_process("the stream")
        with self._condition:
            if not self._background.is_running:
                self._background.start(self._read)
            while not (self._is_open or self._has_ended):
                self._condition.wait()
            if not self._is_open and self._failure is not None:
                raise self._failure

    def take(
        self, consumer: int, most: int | None = None, timeout: float | None = None, patience: float | None = None
    ) -> list[StreamingChunk] | None:
        """Return the next chunks (at most ``most``) for a consumer, once there are any; none after ``timeout``; None:
        the end.

        Both waits are in seconds, None: no limit; ``patience`` is for another consumer, whose full buffer keeps the
        reader from reading. Raises GPOClientError if the stream has failed, once the chunks before have been taken, and
        UsageError if another consumer did not take its chunks in time, or the process was forked from the reader's.
        """
        self._background.check_process("the stream")
        with self._condition:
            while not (chunks := self._take(consumer, most)):
                if self._has_ended or self.ahead.has_left(consumer):
                    break
                limit = patience if self.ahead.is_paused else timeout
                if not self._condition.wait(limit):
                    if self.ahead.is_paused:
                        raise self._left_behind(consumer, patience)
                    return []
        if chunks or not self._has_ended:
            return chunks or None
        self._background.join()
        if self._failure is not None:
            raise self._failure
        return None

    def leave(self, consumer: int) -> None:
        """Note that a consumer wants no more. With the last one, reading ends and the source is closed."""
        if self._background.is_elsewhere:
            return  # the parent reads on
        with self._condition:
            self.ahead.leave(consumer, self._record.clock())
            self._condition.notify_all()
        if self.ahead.is_left:
            try:
                self._source.close()
            finally:
                self.stop()

    def abandon(self, consumer: int) -> None:
        """Let a consumer leave as soon as it can: it was dropped, in whatever thread and at whatever moment."""
        if self._background.is_running and not self._background.is_elsewhere:
            self._background.soon(partial(self.leave, consumer))
        else:
            self.ahead.leave(consumer, self._record.clock())

    def stop(self) -> None:
        """End the reading of a source that has been closed."""
        if self._background.is_elsewhere:
            return
        with self._condition:
            self._is_stopped = True
            self._condition.notify_all()
        self._background.stop()

    def _read(self) -> None:
        """Read until the end, a failure, or until nobody wants more."""
        try:
            while not self.ahead.is_left and (chunks := self._source.advance()) is not None:
                self._put(chunks)
        except Exception as error:  # noqa: BLE001 - raised where the chunks are taken
            self._failure = error
        except BaseException as error:
            # A cancellation must not come up in another thread than the one that it was meant for.
            self._failure = self._cut_off(error)
            raise
        finally:
            self._end()

    def _put(self, chunks: Sequence[StreamingChunk]) -> None:
        while True:
            with self._condition:
                self._is_open = True
                chunks = chunks[self.ahead.put(chunks, self._record.clock()) :]
                self._condition.notify_all()
                is_paused = self.ahead.is_paused
            if is_paused:
                self._pause()
            if not chunks:
                break

    def _pause(self) -> None:
        """Wait until there is room again. The callbacks may take their time: they hold up nobody but the reader."""
        if self._on_pause is not None:
            self._on_pause()
        with self._condition:
            while self.ahead.is_paused and not self._is_stopped:
                self._condition.wait()
        if self._is_stopped:
            raise self._cut_off()
        if self._on_resume is not None and not self.ahead.is_left:
            self._on_resume()

    def _end(self) -> None:
        """Let go of the connection, then tell: who has seen the end has left nothing open."""
        try:
            self._source.close()
        finally:
            with self._condition:
                self._has_ended = True
                self._condition.notify_all()

    def _take(self, consumer: int, most: int | None) -> list[StreamingChunk]:
        was_paused = self.ahead.is_paused
        chunks = self.ahead.take(consumer, most, self._record.clock())
        # One of several who takes is not to be given up by the others, even if there is no room yet.
        if was_paused and chunks and (self.ahead.is_shared or not self.ahead.is_paused):
            self._condition.notify_all()
        return chunks

    def _left_behind(self, consumer: int, patience: float | None) -> UsageError:
        self.ahead.leave(consumer, self._record.clock())  # the others must not wait for one who has given up
        return UsageError(
            f"another consumer of the stream has not taken a chunk for {patience} seconds: consumers of tee() must be"
            " read side by side, each in a thread of its own, or closed"
        )

    def _cut_off(self, by: BaseException | None = None) -> StreamInterruptedError:
        what = "closed" if self._is_stopped or by is None else f"stopped from elsewhere ({type(by).__name__})"
        return StreamInterruptedError(
            f"the stream was {what} while it was being read",
            partial=self._record.partial,
            last_event_id=self._record.last_event_id,
            request_id=self._record.request_id,
        )


class SyncConsumer:
    """A source of chunks: takes them one by one, so that the buffer counts those that nobody has.

    It waits ``patience`` seconds for the other consumers of its reader.
    """

    def __init__(self, reader: SyncReader, number: int = 0, patience: float | None = None) -> None:
        self._reader = reader
        self._number = number
        self._patience = patience
        self._is_open = False
        self._has_left = False
        self._watch = SyncWatch(partial(reader.abandon, number))

    def advance(self) -> Sequence[StreamingChunk] | None:
        """Return the next chunk; none, once, when the stream is open; None at the end."""
        if not self._is_open:
            self._reader.open()
            self._is_open = True
            return ()
        if self._patience is not None:
            self._attend()
        return self._reader.take(self._number, 1, patience=self._patience)

    def _attend(self) -> None:
        """Note who takes: the others do not wait for a task that has failed."""
        if self._watch.has_failed:
            raise UsageError("the task that read this consumer of tee() has failed, and the others went on without it")
        self._watch.attend()

    def close(self) -> None:
        """Take no more."""
        if not self._has_left:
            self._has_left = True
            self._watch.stop()
            self._reader.leave(self._number)

    def __del__(self) -> None:
        if not self._has_left:
            self._reader.abandon(self._number)


class SyncBatches(SyncConsumer):
    """A source of fewer, larger chunks, from a reader of its own."""

    def __init__(self, reader: SyncReader, batcher: Batcher, record: StreamRecord) -> None:
        super().__init__(reader)
        self._batcher = batcher
        self._record = record

    def advance(self) -> Sequence[StreamingChunk] | None:
        """Return the next batch; none, once, when the stream is open; None at the end."""
        if not self._is_open:
            return super().advance()
        while (wait := self._batcher.wait(self._record.clock())) != 0:
            try:
                chunks = self._reader.take(self._number, timeout=wait)
            except Exception:
                if wait is None:
                    raise
                break  # first what came before the failure, which is raised again the next time
            if chunks is None:
                if wait is None:
                    return None
                break
            self._batcher.add(chunks, self._record.clock())
        return (self._batcher.take(self._record.clock()),)
