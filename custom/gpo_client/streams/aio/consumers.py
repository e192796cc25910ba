"""Those who take what a reader has read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from gpo_client.concurrency.background import AsyncWatch
from gpo_client.exceptions import UsageError
from gpo_client.models.stream import StreamingChunk
from gpo_client.streams.aio.reader import AsyncReader
from gpo_client.text.batcher import Batcher
from gpo_client.text.record import StreamRecord


class AsyncConsumer:
    """A source of chunks: takes them one by one, so that the buffer counts those that nobody has.

    Args:
        reader: What reads.
        number: Which of its consumers this is.
        patience: Seconds to wait for the other consumers.
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
    """A source of fewer, larger chunks.

    Args:
        reader: What reads, for this consumer alone.
        batcher: Joins the chunks.
        record: Knows the time.
    """

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
