"""Which connection serves next, in constant time however many there are."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from gpo_client.http.address import Origin

C = TypeVar("C")


class Idle(Generic[C]):
    """The connections that nobody uses. Each is of one process and one event loop, as this is.

    The one that was given back last serves next, being the likeliest to be connected still; the one that has lain
    longest is the one to close. Threads may share it.

    Args:
        keep: Seconds that a connection may lie unused.
    """

    def __init__(self, keep: float) -> None:
        #: Seconds that a connection may lie unused.
        self.keep = keep
        self._free: dict[Origin, deque[tuple[float, C]]] = {}

    def take(self, origin: Origin) -> tuple[float, C] | None:
        """Return the connection given back last, and when that was; None when there is none.

        Args:
            origin: Where it is to lead.
        """
        free = self._free.get(origin)
        try:
            return free.pop() if free else None
        except IndexError:  # another thread has taken it already
            return None

    def give(self, origin: Origin, connection: C, now: float) -> C | None:
        """Take a connection back. Another may have lain too long now: it is handed out, to be closed.

        Args:
            origin: Where it leads.
            connection: The connection.
            now: Seconds on a monotonic clock.
        """
        free = self._free.get(origin) or self._free.setdefault(origin, deque())
        free.append((now, connection))
        try:
            given, oldest = free.popleft()
        except IndexError:
            return None
        if now - given > self.keep:
            return oldest
        free.appendleft((given, oldest))
        return None
