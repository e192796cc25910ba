"""Deadlines of waits and streams, and a call's turn under the client's own limits: what bounds how long it waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

import attrs

from gpo_client.config import GPOConfig
from gpo_client.flows.effects import Flow, Wait
from gpo_client.limits import Limiter, LimitReason, Turn

#: Seconds on a monotonic clock.
Clock = Callable[[], float]

# A read ends at its deadline. One that is found to have passed longer ago passed while this process did not run: it was
# stopped, asleep or busy. What has come meanwhile is there to be read, which takes less than this.
_MISSED = 0.1
_CATCH_UP = 0.25


@attrs.frozen
class Deadline:
    """The end of a limited wait, at a time of a monotonic clock; None: never."""

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
    """

    def __init__(self, clock: Clock, config: GPOConfig, total: float | None) -> None:
        self._clock = clock
        now = clock()
        self._total_at = now + _seconds(total)
        self._chunk_at = now + _seconds(config.stream_first_chunk_timeout)
        self._chunk_limit = "stream_first_chunk_timeout"
        self._waited = 0.0
        #: Whether a chunk has arrived. The next one has a deadline of its own, from when somebody waits for it: a burst
        #: of chunks is then one look at the clock, not thousands.
        self.is_due = False
        self._is_catching_up = False
        self._heartbeat = _seconds(config.stream_heartbeat_timeout)
        self._idle = _seconds(config.stream_idle_timeout)

    def reader_took(self, seconds: float) -> None:
        """Allow for the time in which the stream's user was busy: nobody waited for the next chunk then."""
        self._chunk_at += seconds

    def turn_came(self, waited: float) -> None:
        """Allow for the seconds in which the client's own limits held the stream back."""
        # ``waited`` is a sum over all attempts; what the earlier ones had waited has been allowed for.
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
        wait = min(self.time_left, self._idle)
        return None if wait == inf else max(wait, 0.0)

    def next_read(self) -> float | None:
        """Return the same for a read. A chunk's deadline that was missed is put off: bytes that are there beat it.

        Once: bytes that bring no chunk and take longer than that to read would put it off for ever.
        """
        now = self._now()
        is_missed = self._chunk_at - now < -_MISSED
        if is_missed and not self._is_catching_up:
            self._chunk_at = now + _CATCH_UP
        self._is_catching_up = is_missed
        # The idle time is not a moment but a length: every byte of the connection, a heartbeat too, begins it anew.
        wait = min(self._total_at - now, self._chunk_at - now, self._idle)
        return None if wait == inf else max(wait, 0.0)

    def passed(self) -> str:
        """Return the setting whose deadline ended the wait."""
        now = self._now()
        if now >= self._total_at:
            return "stream_total_timeout"
        return self._chunk_limit if now >= self._chunk_at else "stream_idle_timeout"

    def _now(self) -> float:
        now = self._clock()
        if self.is_due:
            self.is_due = False
            self._chunk_at = now + self._heartbeat
            self._chunk_limit = "stream_heartbeat_timeout"
        return now


def _seconds(limit: float | None) -> float:
    return inf if limit is None else limit


@attrs.frozen
class LimitWait:
    """A wait for the client's own limits: its seconds, what it was for, and whether it was given up (``in_vain``)."""

    seconds: float
    reason: LimitReason
    in_vain: bool = False


_ANY: LimitReason = "max_concurrency"


class Permits:
    """The permissions of one call, waited for in the same order by all calls: so none holds what another waits for."""

    def __init__(self, limiters: Sequence[Limiter], clock: Clock) -> None:
        self._limiters = limiters
        self._clock = clock
        self._held: list[tuple[Limiter, Turn]] = []
        self._is_repeated = False

    def acquire(self, patience: float | None) -> Flow[LimitWait | None]:
        """Wait until the call may go on, ``patience`` seconds at most (None: no limit); None: at once."""
        deadline, began = Deadline.after(self._clock, patience), self._clock()
        for limiter in self._limiters:
            turn = limiter.join(is_repeated=self._is_repeated)
            self._held.append((limiter, turn))  # at once: whoever ends here, by an exception too, leaves the queue
            while (delay := limiter.wait(turn)) != 0:
                if deadline.expired:
                    self.release()
                    return LimitWait(self._clock() - began, turn.reason or _ANY, in_vain=True)
                left = deadline.remaining
                yield Wait(turn.signal, delay if left is None else min(left, left if delay is None else delay))
        self._is_repeated = True
        reason: LimitReason | None = next((turn.reason for _, turn in self._held if turn.reason is not None), None)
        return None if reason is None else LimitWait(self._clock() - began, reason)

    def accepted(self) -> None:
        """Note that the service took the request."""
        for limiter, _ in self._held:
            limiter.accepted()

    def overloaded(self, retry_after: float | None) -> None:
        """Note that the service had no room, and for how many seconds it asks not to be called, if it says so."""
        for limiter, turn in self._held:
            limiter.overloaded(turn, retry_after)

    def release(self) -> None:
        """Give them back, and give up waiting for them."""
        while self._held:
            limiter, turn = self._held.pop()
            limiter.leave(turn)
