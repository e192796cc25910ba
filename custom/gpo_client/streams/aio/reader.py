"""Reading beside the consumers of a stream, as far ahead as its buffer allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gpo_client.drivers.background import AsyncBackground, AsyncMonitor
from gpo_client.exceptions import UsageError
from gpo_client.models.stream import StreamingChunk
from gpo_client.streaming.read_ahead import ReadAhead
from gpo_client.streaming.record import StreamRecord
from gpo_client.streams.aio.source import AsyncChunkSource


class AsyncReader:
    """Reads a source in the background, for one consumer or several.

    Args:
        source: What to read.
        ahead: How far.
        record: Knows the time, and keeps the numbers.
        on_pause: Told when reading pauses.
        on_resume: Told when it goes on.
    """

    def __init__(
        self,
        source: AsyncChunkSource,
        ahead: ReadAhead,
        record: StreamRecord,
        on_pause: Callable[[], object] | None = None,
        on_resume: Callable[[], object] | None = None,
    ) -> None:
        self._source = source
        self._ahead = record.ahead = ahead
        self._record = record
        self._on_pause = on_pause
        self._on_resume = on_resume
        self._background = AsyncBackground()
        self._monitor = AsyncMonitor()
        self._is_open = False
        self._has_ended = False
        self._is_stopped = False
        self._failure: BaseException | None = None

    async def open(self) -> None:
        """Wait until the stream is open.

        Raises:
            GPOClientError: It cannot be opened.
        """
        async with self._monitor:
            if not self._background.is_running:
                self._background.start(self._read)
            while not (self._is_open or self._has_ended):
                await self._monitor.wait()
            if not self._is_open and self._failure is not None:
                raise self._failure

    async def take(
        self, consumer: int, most: int | None = None, timeout: float | None = None, patience: float | None = None
    ) -> list[StreamingChunk] | None:
        """The next chunks for a consumer, once there are any; none when ``timeout`` is over; None at the end.

        Args:
            consumer: Its number.
            most: How many chunks at most; None: all that are there.
            timeout: Seconds to wait for chunks; None: no limit.
            patience: Seconds to wait for another consumer, whose full buffer keeps the reader from reading.

        Raises:
            GPOClientError: The stream has failed; the chunks before have been taken.
            UsageError: Another consumer did not take its chunks in time.
        """
        async with self._monitor:
            while not (chunks := self._take(consumer, most)):
                if self._failure is not None:
                    raise self._failure
                if self._has_ended:
                    return None
                is_paused = self._ahead.is_paused
                if not await self._monitor.wait(patience if is_paused else timeout):
                    if is_paused:
                        raise _left_behind(patience)
                    return []
            return chunks

    async def leave(self, consumer: int) -> None:
        """A consumer wants no more. With the last one, reading ends and the source is closed."""
        self.abandon(consumer)
        if self._is_stopped:
            await self._source.aclose()
            await self._background.join()

    def abandon(self, consumer: int) -> None:
        """A consumer was dropped: like leaving, as far as that goes without waiting."""
        self._ahead.leave(consumer, self._record.clock())
        self._is_stopped = self._ahead.is_left
        self._monitor.notify_all()

    async def _read(self) -> None:
        """Read until the end, a failure, or until nobody wants more."""
        try:
            while not self._is_stopped and (chunks := await self._source.advance()) is not None:
                await self._put(chunks)
        except BaseException as error:
            self._failure = error  # raised where the chunks are taken
            if not isinstance(error, Exception):
                raise
        finally:
            await self._end()

    async def _put(self, chunks: Sequence[StreamingChunk]) -> None:
        async with self._monitor:
            self._is_open = True
            self._ahead.put(chunks, self._record.clock())
            self._monitor.notify_all()
            if self._ahead.is_paused and self._on_pause is not None:
                self._on_pause()
            while self._ahead.is_paused and not self._is_stopped:
                await self._monitor.wait()

    async def _end(self) -> None:
        async with self._monitor:
            self._has_ended = True
            self._monitor.notify_all()
        await self._source.aclose()

    def _take(self, consumer: int, most: int | None) -> list[StreamingChunk]:
        was_paused = self._ahead.is_paused
        chunks = self._ahead.take(consumer, most, self._record.clock())
        if was_paused and not self._ahead.is_paused:
            self._monitor.notify_all()
            if self._on_resume is not None:
                self._on_resume()
        return chunks


def _left_behind(patience: float | None) -> UsageError:
    return UsageError(
        f"another consumer of the stream has not taken its chunks for {patience} seconds: consumers of tee() must be"
        " read side by side, each in a task of its own, or closed"
    )
