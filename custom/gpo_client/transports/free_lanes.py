"""Which connection serves next, in constant time however many there are."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

L = TypeVar("L")


class FreeLanes(Generic[L]):
    """The lanes that nobody uses, a lane being a pool of one connection.

    A pool of many connections looks at all of them whenever one is taken or given back, which a thousand streams pay a
    thousand times over. Here the lane that was given back last is taken first, being the likeliest to be connected
    still, and the one that has lain longest is the one to close.

    Args:
        keep: Seconds that a lane may lie unused.
    """

    def __init__(self, keep: float) -> None:
        self._keep = keep
        self._free: deque[tuple[float, L]] = deque()

    def take(self) -> L | None:
        """The lane given back last; None when there is none."""
        try:
            return self._free.pop()[1]
        except IndexError:
            return None

    def give(self, lane: L, now: float) -> L | None:
        """Take a lane back. Another may have lain too long now: it is handed out, to be closed.

        Args:
            lane: The lane.
            now: Seconds on a monotonic clock.
        """
        self._free.append((now, lane))
        try:
            given, oldest = self._free.popleft()
        except IndexError:  # another thread has taken it already
            return None
        if now - given > self._keep:
            return oldest
        self._free.appendleft((given, oldest))
        return None
