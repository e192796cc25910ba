"""Fewer, larger chunks, for whoever redraws with each of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.stream import StreamingChunk
from gpo_client.text.sources import SourceCollector


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
        return max(round(self._next_at - now, 9), 0.0) if self._held else None

    def take(self, now: float) -> StreamingChunk:
        """Return what is held, as one chunk."""
        held, self._held, self._size = self._held, [], 0
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
