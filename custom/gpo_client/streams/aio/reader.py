"""Readers beside a stream's consumers, as far ahead as the buffer allows, and where streams get their chunks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

from gpo_client.concurrency.background import AsyncBackground, AsyncWatch
from gpo_client.concurrency.waiting import AsyncCondition
from gpo_client.exceptions import StreamInterruptedError, UsageError
from gpo_client.models.stream import StreamingChunk
from gpo_client.text.read_ahead import Batcher, ReadAhead
from gpo_client.text.record import StreamRecord


class AsyncChunkSource(Protocol):
    """A source of chunks for a stream."""

    async def advance(self) -> Sequence[StreamingChunk] | None:
        """Return the next chunks, possibly none yet; None at the end."""

    async def aclose(self) -> None:
        """Let go of the connection."""


class AsyncUpstream:
    """A stream as the source of another, whose reader is told when it has opened, before the first chunk."""

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


class AsyncReader:
    """Reads a source in the background, for one consumer or several, and tells when it pauses and goes on."""

    def __init__(
        self,
        source: AsyncChunkSource,
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
        self._background = AsyncBackground()
        self._condition = AsyncCondition()
        self._is_open = False
        self._has_ended = False
        self._is_stopped = False
        self._failure: Exception | None = None

    async def open(self) -> None:
        """Wait until the stream is open. Raises GPOClientError if it cannot be opened."""
        self._background.check_process("the stream")
        async with self._condition:
            if not self._background.is_running:
                self._background.start(self._read)
            while not (self._is_open or self._has_ended):
                await self._condition.wait()
            if not self._is_open and self._failure is not None:
                raise self._failure

    async def take(
        self, consumer: int, most: int | None = None, timeout: float | None = None, patience: float | None = None
    ) -> list[StreamingChunk] | None:
        """Return the next chunks (at most ``most``) for a consumer, once there are any; none after ``timeout``; None:
        the end.

        Both waits are in seconds, None: no limit; ``patience`` is for another consumer, whose full buffer keeps the
        reader from reading. Raises GPOClientError if the stream has failed, once the chunks before have been taken, and
        UsageError if another consumer did not take its chunks in time, or the process was forked from the reader's.
        """
        self._background.check_process("the stream")
        async with self._condition:
            while not (chunks := self._take(consumer, most)):
                if self._has_ended or self.ahead.has_left(consumer):
                    break
                limit = patience if self.ahead.is_paused else timeout
                if not await self._condition.wait(limit):
                    if self.ahead.is_paused:
                        raise self._left_behind(consumer, patience)
                    return []
        if chunks or not self._has_ended:
            return chunks or None
        await self._background.join()
        if self._failure is not None:
            raise self._failure
        return None

    async def leave(self, consumer: int) -> None:
        """Note that a consumer wants no more. With the last one, reading ends and the source is closed."""
        if self._background.is_elsewhere:
            return  # the parent reads on
        async with self._condition:
            self.ahead.leave(consumer, self._record.clock())
            self._condition.notify_all()
        if self.ahead.is_left:
            try:
                await self._source.aclose()
            finally:
                await self.stop()

    def abandon(self, consumer: int) -> None:
        """Let a consumer leave as soon as it can: it was dropped, in whatever thread and at whatever moment."""
        if self._background.is_running and not self._background.is_elsewhere:
            self._background.soon(partial(self.leave, consumer))
        else:
            self.ahead.leave(consumer, self._record.clock())

    async def stop(self) -> None:
        """End the reading of a source that has been closed."""
        if self._background.is_elsewhere:
            return
        async with self._condition:
            self._is_stopped = True
            self._condition.notify_all()
        await self._background.stop()

    async def _read(self) -> None:
        """Read until the end, a failure, or until nobody wants more."""
        try:
            while not self.ahead.is_left and (chunks := await self._source.advance()) is not None:
                await self._put(chunks)
        except Exception as error:  # noqa: BLE001 - raised where the chunks are taken
            self._failure = error
        except BaseException as error:
            # A cancellation must not come up in another task than the one that it was meant for.
            self._failure = self._cut_off(error)
            raise
        finally:
            await self._end()

    async def _put(self, chunks: Sequence[StreamingChunk]) -> None:
        while True:
            async with self._condition:
                self._is_open = True
                chunks = chunks[self.ahead.put(chunks, self._record.clock()) :]
                self._condition.notify_all()
                is_paused = self.ahead.is_paused
            if is_paused:
                await self._pause()
            if not chunks:
                break

    async def _pause(self) -> None:
        """Wait until there is room again. The callbacks may take their time: they hold up nobody but the reader."""
        if self._on_pause is not None:
            self._on_pause()
        async with self._condition:
            while self.ahead.is_paused and not self._is_stopped:
                await self._condition.wait()
        if self._is_stopped:
            raise self._cut_off()
        if self._on_resume is not None and not self.ahead.is_left:
            self._on_resume()

    async def _end(self) -> None:
        """Let go of the connection, then tell: who has seen the end has left nothing open."""
        try:
            await self._source.aclose()
        finally:
            async with self._condition:
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
            " read side by side, each in a task of its own, or closed"
        )

    def _cut_off(self, by: BaseException | None = None) -> StreamInterruptedError:
        what = "closed" if self._is_stopped or by is None else f"stopped from elsewhere ({type(by).__name__})"
        return StreamInterruptedError(
            f"the stream was {what} while it was being read",
            partial=self._record.partial,
            last_event_id=self._record.last_event_id,
            request_id=self._record.request_id,
        )


class AsyncConsumer:
    """A source of chunks: takes them one by one, so that the buffer counts those that nobody has.

    It waits ``patience`` seconds for the other consumers of its reader.
    """

    def __init__(self, reader: AsyncReader, number: int = 0, patience: float | None = None) -> None:
        self._reader = reader
        self._number = number
        self._patience = patience
        self._is_open = False
        self._has_left = False
        self._watch = AsyncWatch(partial(reader.abandon, number))

    async def advance(self) -> Sequence[StreamingChunk] | None:
        """Return the next chunk; none, once, when the stream is open; None at the end."""
        if not self._is_open:
            await self._reader.open()
            self._is_open = True
            return ()
        if self._patience is not None:
            self._attend()
        return await self._reader.take(self._number, 1, patience=self._patience)

    def _attend(self) -> None:
        """Note who takes: the others do not wait for a task that has failed."""
        if self._watch.has_failed:
            raise UsageError("the task that read this consumer of tee() has failed, and the others went on without it")
        self._watch.attend()

    async def aclose(self) -> None:
        """Take no more."""
        if not self._has_left:
            self._has_left = True
            self._watch.stop()
            await self._reader.leave(self._number)

    def __del__(self) -> None:
        if not self._has_left:
            self._reader.abandon(self._number)


class AsyncBatches(AsyncConsumer):
    """A source of fewer, larger chunks, from a reader of its own."""

    def __init__(self, reader: AsyncReader, batcher: Batcher, record: StreamRecord) -> None:
        super().__init__(reader)
        self._batcher = batcher
        self._record = record

    async def advance(self) -> Sequence[StreamingChunk] | None:
        """Return the next batch; none, once, when the stream is open; None at the end."""
        if not self._is_open:
            return await super().advance()
        while (wait := self._batcher.wait(self._record.clock())) != 0:
            try:
                chunks = await self._reader.take(self._number, timeout=wait)
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
