"""Limits on calls: how many may be under way, how often one may begin, and pauses asked for. A machine without I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from math import inf
from typing import Literal, Protocol

import attrs

#: What an overload leaves of the pace at least; more, if the service has proved to accept more.
STEP = 0.7
#: From there the pace begins this part lower …
DIP = 0.15
#: … comes back within so many seconds, and three times a pause that the service has asked for: the dearer an overload,
#: the rarer it shall be …
PLATEAU_S = 3.0
PLATEAU_PAUSES = 3.0
#: … and has grown by this part after as many again.
RISE = 1.0
#: A service is tried with at most so many times of what it has lately accepted.
BOLDEST = 2.0
#: The slowest pace: one call in 20 seconds.
SLOWEST = 0.05

# What the service accepts is measured over so many seconds, and over so many calls at least.
_MEASURED_S = 2.0
_MEASURED_CALLS = 8
# What is sent is measured over less: at the beginning it would be far too low, and what is too high is found out soon.
_SENT_S = 0.1
# What has been sent since the last overload is a measurement after this many seconds; before, the pace itself is.
_LONG_ENOUGH_S = 0.5
# Counting them must not cost more at a thousand a second than at ten.
_MOST_CALLS = 256

#: What a window begins with. A service that takes more gets twice as much with each round of answers.
FIRST_WINDOW = 4.0
#: What is left of the window when the service is overloaded.
DECREASE = 0.85


class Pace:
    """Calls a second: without limit until the service is first overloaded, then along a cubic curve.

    Each overload takes a part from the pace, but leaves what the service has lately accepted, or nearly so. The pace
    comes back to that, the nearer the slower, and goes beyond at first slowly and then ever faster: it is near what
    the service accepts most of the time, and a service that has become faster is found out soon.
    """

    def __init__(self) -> None:
        self._accepted = Meter()
        self._sent = Meter()
        self._best = inf  # what the service accepted when it was last overloaded
        self._since = 0.0
        self._plateau = PLATEAU_S

    def sent(self, now: float) -> None:
        """Note that a call has begun."""
        self._sent.count(now)

    def accepted(self, now: float) -> None:
        """Note that the service has accepted a call."""
        self._accepted.count(now)

    def overloaded(self, now: float, pause: float) -> None:
        """Note that it was overloaded, and asks not to be called for ``pause`` seconds."""
        before = self.rate(now)
        if before == inf or now - self._since > _LONG_ENOUGH_S:
            before = min(before, self._sent.rate(now, _SENT_S))
        self._best = max(min(before, max(before * STEP, self._accepted.rate(now))), SLOWEST)
        self._sent = Meter()  # what was sent before a pause tells nothing of the pace after it
        self._since = now + pause
        self._plateau = PLATEAU_S + PLATEAU_PAUSES * pause

    def rate(self, now: float) -> float:
        """Return how many calls may begin each second."""
        if self._best == inf:
            return inf
        distance = max(now - self._since, 0.0) / self._plateau - 1.0
        rate = self._best * (1.0 + (DIP if distance < 0 else RISE) * distance**3)
        return min(rate, max(self._best, BOLDEST * self._accepted.rate(now)))


class Meter:
    """How often something has happened lately."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_MOST_CALLS)

    def count(self, now: float) -> None:
        """Count one more."""
        self._times.append(now)

    def rate(self, now: float, shortest: float = _MEASURED_S) -> float:
        """Return how often a second."""
        while len(self._times) > _MEASURED_CALLS and now - self._times[0] > _MEASURED_S:
            self._times.popleft()
        if not self._times:
            return 0.0
        span = now - self._times[0]
        return len(self._times) / (span if len(self._times) == _MOST_CALLS else max(span, shortest))


class Window:
    """Grows by one with each answer until the service is first overloaded, then by one with each round of answers.

    It is at its ceiling at all times if it does not adapt.
    """

    def __init__(self, ceiling: float, *, is_adaptive: bool) -> None:
        self._ceiling = ceiling
        self._threshold = ceiling  # "slow start threshold"
        self.size = min(FIRST_WINDOW, ceiling) if is_adaptive else ceiling

    def accepted(self, in_flight: int) -> None:
        """Note that the service has accepted a call. A window that is not used up proves nothing and stays."""
        if in_flight >= int(self.size):
            step = 1.0 if self.size < self._threshold else 1.0 / self.size
            self.size = min(self.size + step, self._ceiling)

    def overloaded(self, in_flight: int) -> None:
        """Note that it was overloaded. If the window was not used up, that was not for its size."""
        if in_flight >= self.size * DECREASE:
            self.size = self._threshold = max(self.size * DECREASE, 1.0)


#: What a call waits for: the setting of that name, what the service asked for, or what it was found to accept.
LimitReason = Literal["max_concurrency", "requests_per_second", "retry_after", "adaptive"]

# A pause lasts up to this part longer, at most a second, by chance: many programs may have been told the same.
_JITTER = 0.1
_MOST_JITTER_S = 1.0

# Clocks wake late. Up to so many seconds, the next one need not wait for that.
_LATE_S = 0.002


class Signal(Protocol):
    """A thing that a call waits on: an event of threading or of anyio. It is set once."""

    def set(self) -> object:
        """Wake who waits."""


@attrs.define(eq=False)
class Turn:
    """One request's place in the queue, and when its turn has come its permission to be sent."""

    era: object  # of the process that it belongs to
    # Set when it is to ask again whether its turn has come; another one each time that it waits
    signal: Signal | None = None
    reason: LimitReason | None = None  # what it has waited for last; None: it has not
    began_at: float | None = None  # when its turn came; None: it waits


class Limiter:
    """Shares out what a service takes among all calls of a client and its copies.

    Whoever wants to send ``join``s, asks ``wait`` until it says 0, tells how the request went (``accepted``,
    ``overloaded``), and ``leave``s when the answer is there as a whole. The first in the queue looks at the clock; all
    others wait for a signal.

    Thread and task safety: any number of threads may call it at once.

    Args:
        max_concurrency: How many requests may be under way; None: any number.
        requests_per_second: How many may begin each second; None: any number.
        is_adaptive: Whether to find out what the service takes, within these limits.
        clock: Seconds on a monotonic clock.
        random: A random number from 0 to 1.
        make_signal: Makes what a call waits on.
        lock: Makes the lock that each method holds for a moment. Its owner must be able to take it again: the garbage
            collector may end a call in the middle of another's.
    """

    def __init__(
        self,
        max_concurrency: int | None,
        requests_per_second: float | None,
        *,
        is_adaptive: bool,
        clock: Callable[[], float],
        random: Callable[[], float],
        make_signal: Callable[[], Signal],
        lock: Callable[[], AbstractContextManager[object]],
    ) -> None:
        self._most = max_concurrency
        self._fastest = requests_per_second or inf
        self._is_adaptive = is_adaptive
        self._clock = clock
        self._random = random
        self._make_signal = make_signal
        self._make_lock = lock
        self.after_fork()

    def after_fork(self) -> None:
        """Begin anew, in a child process: what waits or is under way is the parent's."""
        self._lock = self._make_lock()
        self._era = object()
        self._window = Window(self._most or inf, is_adaptive=self._is_adaptive)
        self._pace = Pace()
        self._queue: deque[Turn] = deque()
        self._in_flight = 0
        self._next_at = -inf
        self._resume_at = -inf
        self._adapted_at = -inf
        self._reason: LimitReason | None = None  # what the first in the queue waits for

    @property
    def allowed(self) -> int | None:
        """How many requests may be under way now; None: any number."""
        return None if self._window.size == inf else int(self._window.size)

    @property
    def rate(self) -> float | None:
        """How many requests may begin each second now; None: any number."""
        rate = self._rate(self._clock())
        return None if rate == inf else rate

    @property
    def waiting(self) -> int:
        """How many requests wait for their turn."""
        return len(self._queue)

    @property
    def in_flight(self) -> int:
        """How many are under way."""
        return self._in_flight

    def join(self, *, is_repeated: bool = False) -> Turn:
        """Queue up. A call that has had a turn before (``is_repeated``) is the next one, since others wait for it."""
        turn = Turn(self._era)
        with self._lock:
            if is_repeated:
                self._queue.appendleft(turn)
            else:
                self._queue.append(turn)
        return turn

    def wait(self, turn: Turn) -> float | None:
        """Return 0 to send now, else seconds until it is to ask again, or at the signal; None: at the signal only."""
        with self._lock:
            if self._queue[0] is not turn:
                return self._waiting(turn, self._reason, None)
            now = self._clock()
            until, reason = self._obstacle(now)
            if reason is not None:
                return self._waiting(turn, reason, None if until == inf else until - now)
            self._queue.popleft()
            self._in_flight += 1
            turn.began_at = now
            self._pace.sent(now)
            self._next_at = (now if now - self._next_at > _LATE_S else self._next_at) + 1.0 / self._rate(now)
            self._wake()
            return 0.0

    def leave(self, turn: Turn) -> None:
        """Give up the place in the queue, or the permission."""
        with self._lock:
            if turn.era is not self._era:
                return  # it was the parent's
            if turn.began_at is not None:
                self._in_flight -= 1
            elif turn in self._queue:
                self._queue.remove(turn)
            self._wake()

    def accepted(self) -> None:
        """Note that the service took a request, whatever it made of it."""
        if not self._is_adaptive:
            return
        with self._lock:
            self._pace.accepted(self._clock())
            self._window.accepted(self._in_flight)
            self._wake()

    def overloaded(self, turn: Turn, retry_after: float | None = None) -> None:
        """Note that the service had no room for a request, and for how many seconds it asks not to be called, if so."""
        with self._lock:
            now = self._clock()
            if retry_after:
                self._pause(now, retry_after)
            # Of all requests that were under way together, the first one to fail tells what there is to learn.
            if self._is_adaptive and (turn.began_at or 0.0) > self._adapted_at:
                self._adapted_at = now
                self._window.overloaded(self._in_flight)
                self._pace.overloaded(now, pause=max(self._resume_at - now, 0.0))

    def _waiting(self, turn: Turn, reason: LimitReason | None, seconds: float | None) -> float | None:
        turn.signal = self._make_signal()
        turn.reason = self._reason = reason or turn.reason
        return seconds

    def _pause(self, now: float, seconds: float) -> None:
        until = now + seconds
        if until > self._resume_at:
            self._resume_at = until + min(seconds * _JITTER, _MOST_JITTER_S) * self._random()

    def _obstacle(self, now: float) -> tuple[float, LimitReason | None]:
        """Return what the next request waits for, and until when."""
        if self._in_flight >= int(min(self._window.size, 1e9)):
            return inf, "max_concurrency" if self._window.size == self._most else "adaptive"
        if self._resume_at > now:
            return self._resume_at, "retry_after"
        if self._next_at > now:
            return self._next_at, "requests_per_second" if self._rate(now) == self._fastest else "adaptive"
        return now, None

    def _rate(self, now: float) -> float:
        return min(self._fastest, self._pace.rate(now))

    def _wake(self) -> None:
        if self._queue and (signal := self._queue[0].signal) is not None:
            signal.set()
