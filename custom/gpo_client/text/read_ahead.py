"""The buffers between a stream and its consumers: chunks read ahead, and chunks joined to fewer, larger ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from inspect import iscoroutinefunction
from itertools import accumulate
from math import inf

import attrs

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.stream import StreamingChunk
from gpo_client.text.bounds import text_bytes
from gpo_client.text.sources import SourceCollector


@attrs.frozen(kw_only=True)
class StreamStats:
    """How reading ahead has gone so far.

    Attributes:
        buffered: Chunks that have been read and not been taken yet; of several consumers, by the slowest.
        peak: The most there ever were.
        pauses: How often reading was paused, because the buffer was full.
        waited: Seconds that reading was paused, in all; those of a pause are counted when it is over.
    """

    buffered: int = 0
    peak: int = 0
    pauses: int = 0
    waited: float = 0.0


class ReadAhead:
    """A bounded buffer between a reader and its consumers. Sans-I/O.

    The load is the larger of chunks and bytes, as a part of what is allowed. Reading pauses when it reaches 1 and goes
    on when it has fallen below ``low``, so that it does not stop and go with every chunk. Of several consumers, the
    slowest counts.

    Thread and task safety: it has one owner; calls must not overlap.

    Args:
        max_chunks: How many chunks to hold.
        max_bytes: How many bytes of text and excerpts to hold, as UTF-8.
        low: The load to go on below, between 0 and 1.
        consumers: How many there are; each gets every chunk.

    Raises:
        InvalidArgumentError: A limit is not positive, or ``low`` is not between 0 and 1.

    >>> ahead = ReadAhead(max_chunks=2, max_bytes=1000, low=0.8)
    >>> ahead.put([StreamingChunk(content="a"), StreamingChunk(content="b")], now=0.0)
    2
    >>> ahead.is_paused
    True
    >>> [chunk.content for chunk in ahead.take(0, 1, now=5.0)], ahead.is_paused, ahead.stats.waited
    (['a'], False, 5.0)
    """

    def __init__(self, max_chunks: int, max_bytes: int, low: float, consumers: int = 1) -> None:
        for name, value in (("max_chunks", max_chunks), ("max_bytes", max_bytes), ("n", consumers)):
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidArgumentError(f"{name} must be a whole number from 1 on, not {value!r}", field=name)
        if not isinstance(low, (int, float)) or not 0 < low <= 1:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgumentError(f"low must be more than 0 and at most 1, not {low!r}", field="low")
        self._max_chunks = max_chunks
        self._max_bytes = max_bytes
        self._low = low
        self._queues: dict[int, deque[StreamingChunk]] = {number: deque() for number in range(consumers)}
        self._sizes = dict.fromkeys(self._queues, 0)
        self._paused_at: float | None = None
        self._peak = 0
        self._pauses = 0
        self._waited = 0.0

    @property
    def is_paused(self) -> bool:
        """Whether not to read on."""
        return self._paused_at is not None

    @property
    def is_left(self) -> bool:
        """Whether all consumers have left."""
        return not self._queues

    @property
    def is_shared(self) -> bool:
        """Whether more than one consumer is there."""
        return len(self._queues) > 1

    def has_left(self, consumer: int) -> bool:
        """Whether a consumer has left."""
        return consumer not in self._queues

    @property
    def stats(self) -> StreamStats:
        """How it has gone so far."""
        return StreamStats(buffered=self._longest, peak=self._peak, pauses=self._pauses, waited=self._waited)

    def put(self, chunks: Sequence[StreamingChunk], now: float) -> int:
        """Add what has been read, up to the chunk with which the buffer is full.

        Args:
            chunks: The chunks. One read may bring more than there is room for.
            now: Seconds on a monotonic clock.

        Returns:
            How many were added; the others have to wait.
        """
        sizes = list(map(chunk_bytes, chunks))
        count = self._room(sizes)
        size = sum(sizes[:count])
        for number, queue in self._queues.items():
            queue.extend(chunks[:count])
            self._sizes[number] += size
        self._peak = max(self._peak, self._longest)
        self._judge(now)
        return count

    def take(self, consumer: int, most: int | None, now: float) -> list[StreamingChunk]:
        """Return the next chunks for a consumer, as far as they are there; none for one that has left.

        Args:
            consumer: Its number, from 0 on.
            most: How many at most; None: all that are there.
            now: Seconds on a monotonic clock.
        """
        if (queue := self._queues.get(consumer)) is None:
            return []
        count = len(queue) if most is None else min(most, len(queue))
        chunks = [queue.popleft() for _ in range(count)]
        self._sizes[consumer] -= sum(map(chunk_bytes, chunks))
        self._judge(now)
        return chunks

    def leave(self, consumer: int, now: float) -> None:
        """Note that a consumer wants no more chunks. Leaving twice is allowed.

        Args:
            consumer: Its number.
            now: Seconds on a monotonic clock.
        """
        self._queues.pop(consumer, None)
        self._sizes.pop(consumer, None)
        self._judge(now)

    def _room(self, sizes: Sequence[int]) -> int:
        """How many chunks of these sizes it takes to fill the buffer; all, if they do not."""
        if not self._queues:
            return len(sizes)
        # Nothing is added after the chunk that fills it, however little: what comes next may be large.
        chunks, size = self._max_chunks - self._longest, self._max_bytes - max(self._sizes.values())
        if len(sizes) <= chunks and sum(sizes) < size:
            return len(sizes)
        filled = next((count for count, all_ in enumerate(accumulate(sizes), 1) if all_ >= size), len(sizes))
        return min(filled, max(chunks, 1))

    def _judge(self, now: float) -> None:
        load = max(self._longest / self._max_chunks, max(self._sizes.values(), default=0) / self._max_bytes)
        if self._paused_at is None and load >= 1:
            self._paused_at = now
            self._pauses += 1
        elif self._paused_at is not None and load < self._low:
            self._waited += now - self._paused_at
            self._paused_at = None

    @property
    def _longest(self) -> int:
        return max(map(len, self._queues.values()), default=0)


def chunk_bytes(chunk: StreamingChunk) -> int:
    """How many bytes a chunk's text and excerpts take, as UTF-8."""
    texts = [chunk.content, *(source.content_excerpt for source in chunk.sources or ())]
    return sum(text_bytes(text) for text in texts if text)


def check_callback(name: str, callback: object) -> None:
    """Refuse what cannot be called in passing, before anything is sent.

    Raises InvalidArgumentError: it is neither None nor a plain function, or another object that can be called.

    >>> check_callback("on_pause", print)
    >>> check_callback("on_pause", "print")
    Traceback (most recent call last):
    ...
    gpo_client.exceptions.InvalidArgumentError: on_pause must be a plain function without arguments, not 'print'
    """
    if callback is not None and (not callable(callback) or iscoroutinefunction(callback)):
        raise InvalidArgumentError(f"{name} must be a plain function without arguments, not {callback!r}", field=name)


class Batcher:
    """Join chunks, so that one is handed out every ``interval`` at most. Sans-I/O.

    The first chunk goes out at once, and so does one that comes after a silence: only what follows within the interval
    is held.

    Thread and task safety: it has one owner; calls must not overlap.

    Args:
        interval: Seconds between two batches at least.
        max_chars: How many characters of text to hold at most before they go out early; None (the default): any.

    Raises:
        InvalidArgumentError: ``interval`` is negative or no number, or ``max_chars`` is less than 1.

    >>> batcher = Batcher(interval=0.05)
    >>> for number, text in enumerate(["a", "b", "c"]):
    ...     batcher.add([StreamingChunk(content=text)], now=number / 100)
    ...     if batcher.wait(number / 100) == 0:
    ...         print(batcher.take(number / 100).content)
    a
    >>> batcher.wait(0.03), batcher.take(0.05).content
    (0.02, 'bc')
    """

    def __init__(self, interval: float, max_chars: int | None = None) -> None:
        if isinstance(interval, bool) or not isinstance(interval, (int, float)) or not 0 <= interval < inf:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgumentError(f"interval must be seconds, 0 or more, not {interval!r}", field="interval")
        if max_chars is not None and (not isinstance(max_chars, int) or isinstance(max_chars, bool) or max_chars < 1):  # pyright: ignore[reportUnnecessaryIsInstance]
            message = f"max_chars must be a whole number from 1 on, or None for no limit, not {max_chars!r}"
            raise InvalidArgumentError(message, field="max_chars")
        self._interval = interval
        self._max_chars = inf if max_chars is None else max_chars
        self._held: list[StreamingChunk] = []
        self._size = 0
        self._next_at = -inf

    def add(self, chunks: Sequence[StreamingChunk], now: float) -> None:
        """Hold chunks.

        Args:
            chunks: The chunks.
            now: Seconds on a monotonic clock.
        """
        self._held += chunks
        self._size += sum(len(chunk.content or "") for chunk in chunks)
        if self._size >= self._max_chars or any(chunk.is_complete for chunk in chunks):
            self._next_at = now

    def wait(self, now: float) -> float | None:
        """Seconds until what is held is to go out, 0: now; None: nothing is held."""
        # Rounded, since differences of floats leave a wait of 1e-17 seconds, which would be a wait.
        return max(round(self._next_at - now, 9), 0.0) if self._held else None

    def take(self, now: float) -> StreamingChunk:
        """Return what is held, as one chunk."""
        held, self._held, self._size = self._held, [], 0
        # From now, not from when it was due: who redraws slowly is not overrun with what has piled up meanwhile.
        self._next_at = now + self._interval
        return held[0] if len(held) == 1 else _joined(held)


def _joined(chunks: Sequence[StreamingChunk]) -> StreamingChunk:
    """One chunk that says what these say; of metadata with one name the later."""
    sources = SourceCollector()  # what a later chunk lists again has its number, and must not get a second one
    for chunk in chunks:
        sources.add(chunk.sources or ())
    metadata = {name: value for chunk in chunks for name, value in (chunk.metadata or {}).items()}
    return StreamingChunk(
        content="".join(chunk.content or "" for chunk in chunks) or None,
        sources=sources.numbered or None,
        is_complete=any(chunk.is_complete for chunk in chunks),
        metadata=metadata or None,
    )
