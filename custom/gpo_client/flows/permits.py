"""Permits: a call's permissions to be under way, one from each limiter that it is subject to."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from gpo_client.flows.deadlines import Clock, Deadline
from gpo_client.flows.effects import Flow, Wait
from gpo_client.limits.limiter import Limiter, LimitReason, Turn


@attrs.frozen
class LimitWait:
    """A wait for the client's own limits.

    Attributes:
        seconds: How long it took.
        reason: What it was for.
        in_vain: Whether it was given up.
    """

    seconds: float
    reason: LimitReason
    in_vain: bool = False


_ANY: LimitReason = "max_concurrency"


class Permits:
    """The permissions of one call, waited for in the same order by all calls: so none holds what another waits for.

    Args:
        limiters: Whose.
        clock: Seconds on a monotonic clock.
    """

    def __init__(self, limiters: Sequence[Limiter], clock: Clock) -> None:
        self._limiters = limiters
        self._clock = clock
        self._held: list[tuple[Limiter, Turn]] = []
        self._is_repeated = False

    def acquire(self, patience: float | None) -> Flow[LimitWait | None]:
        """Wait until the call may go on; None: at once.

        Args:
            patience: Seconds to wait at most; None: no limit.
        """
        if self._held or not self._limiters:
            return None
        deadline, began = Deadline.after(self._clock, patience), self._clock()
        for limiter in self._limiters:
            turn = limiter.join(is_repeated=self._is_repeated)
            self._held.append((limiter, turn))
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
        """Note that the service had no room for the request.

        Args:
            retry_after: Seconds for which it asks not to be called; None: it does not say.
        """
        for limiter, turn in self._held:
            limiter.overloaded(turn, retry_after)

    def release(self) -> None:
        """Give them back, and give up waiting for them."""
        while self._held:
            limiter, turn = self._held.pop()
            limiter.leave(turn)
