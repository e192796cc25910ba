"""The pace and the window: how often a call may begin (CUBIC, RFC 9438, for rates), and how many may be under way."""

from __future__ import annotations

from collections import deque
from math import inf

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
        """Note that it was overloaded.

        Args:
            now: When.
            pause: Seconds for which it asks not to be called.
        """
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

    Args:
        ceiling: The most that it may grow to.
        is_adaptive: Whether it adapts; else it is the ceiling at all times.
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
