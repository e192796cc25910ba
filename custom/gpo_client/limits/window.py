"""The window: how many calls may be under way, by additive increase and multiplicative decrease (RFC 5681)."""

from __future__ import annotations

#: What a window begins with. A service that takes more gets twice as much with each round of answers.
FIRST_WINDOW = 4.0
#: What is left of the window when the service is overloaded.
DECREASE = 0.85


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
