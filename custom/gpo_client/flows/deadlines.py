"""Deadlines: of one wait, and of all the waits of a stream."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import attrs

from gpo_client.config import GPOConfig

#: Seconds on a monotonic clock.
Clock = Callable[[], float]

# A read ends at its deadline. One that is found to have passed longer ago passed while this process did not run: it was
# stopped, asleep or busy. What has come meanwhile is there to be read, which takes less than this.
_MISSED = 0.1
_CATCH_UP = 0.25


@attrs.frozen
class Deadline:
    """The end of a limited wait.

    Attributes:
        clock: The clock to measure on.
        at: When it is over, on that clock; None: never.
    """

    clock: Clock
    at: float | None

    @classmethod
    def after(cls, clock: Clock, seconds: float | None) -> Deadline:
        """Return the deadline that many seconds from now; None: no limit."""
        return cls(clock, None if seconds is None else clock() + seconds)

    @property
    def remaining(self) -> float | None:
        """Seconds left, never below 0; None: no limit."""
        return None if self.at is None else max(self.at - self.clock(), 0.0)

    @property
    def expired(self) -> bool:
        """Whether it is over."""
        return self.at is not None and self.clock() >= self.at


class StreamDeadlines:
    """The deadlines of one stream, counted from its request.

    Each read waits until the first of them. Heartbeats prove that the connection is alive, so they put off the idle
    deadline; they do not prove that an answer is coming, so they do not put off the others.

    Args:
        clock: Seconds on a monotonic clock.
        config: Where the limits are set.
        total: Seconds for the whole stream; None: no limit.
    """

    def __init__(self, clock: Clock, config: GPOConfig, total: float | None) -> None:
        self._clock = clock
        now = clock()
        self._total_at = now + _seconds(total)
        self._chunk_at = now + _seconds(config.stream_first_chunk_timeout)
        self._chunk_limit = "stream_first_chunk_timeout"
        self._waited = 0.0
        self._is_due = False
        self._heartbeat = _seconds(config.stream_heartbeat_timeout)
        self._idle = _seconds(config.stream_idle_timeout)

    def chunk_arrived(self) -> None:
        """Give the next chunk a deadline of its own, from when somebody waits for it."""
        self._is_due = True

    def reader_took(self, seconds: float) -> None:
        """Allow for the time in which the stream's user was busy: nobody waited for the next chunk then."""
        self._chunk_at += seconds

    def turn_came(self, waited: float) -> None:
        """Allow for the seconds in which the client's own limits held the stream back."""
        self._total_at += waited - self._waited
        self._chunk_at += waited - self._waited
        self._waited = waited

    @property
    def total(self) -> float | None:
        """Seconds left of the whole, never below 0; None: no limit."""
        left = self._total_at - self._clock()
        return None if left == inf else max(left, 0.0)

    @property
    def time_left(self) -> float:
        """Seconds until a deadline that a new connection does not put off; infinity: there is none."""
        now = self._now()
        return min(self._total_at, self._chunk_at) - now

    def next_wait(self) -> float | None:
        """Seconds that the next wait may take, 0 when a deadline has passed already; None: no limit."""
        return self._wait(self._now())

    def next_read(self) -> float | None:
        """Return the same for a read. A chunk's deadline that was missed is put off: bytes that are there beat it."""
        now = self._now()
        if self._chunk_at - now < -_MISSED:
            self._chunk_at = now + _CATCH_UP
        return self._wait(now)

    def passed(self) -> str:
        """Return the setting whose deadline ended the wait."""
        now = self._now()
        if now >= self._total_at:
            return "stream_total_timeout"
        return self._chunk_limit if now >= self._chunk_at else "stream_idle_timeout"

    def _wait(self, now: float) -> float | None:
        wait = min(self._total_at - now, self._chunk_at - now, self._idle)
        if wait <= 0:
            return 0.0
        return None if wait == inf else wait

    def _now(self) -> float:
        now = self._clock()
        if self._is_due:
            self._is_due = False
            self._chunk_at = now + self._heartbeat
            self._chunk_limit = "stream_heartbeat_timeout"
        return now


def _seconds(limit: float | None) -> float:
    return inf if limit is None else limit
