"""A point in time on a clock that is handed in."""

from __future__ import annotations

from collections.abc import Callable

import attrs

#: Seconds on a monotonic clock.
Clock = Callable[[], float]


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
