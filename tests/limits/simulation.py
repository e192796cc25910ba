"""A service and its callers in simulated time: how well does the limiter share out what the service takes?"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from contextlib import nullcontext

import attrs

from gpo_client.limits import Limiter


class Clock:
    """Simulated time: what is due is done in order."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._due, (self.now + seconds, self._count, act))

    def run(self) -> None:
        while self._due:
            self.now, _, act = heapq.heappop(self._due)
            act()


@attrs.define(eq=False)
class SimSignal:
    """A signal in simulated time."""

    clock: Clock
    act: Callable[[], None] | None = None

    def set(self) -> None:
        act, self.act = self.act, None
        if act is not None:
            self.clock.after(0.0, act)


@attrs.define
class Service:
    """A token bucket, or so many at once; it may change as time goes by.

    Attributes:
        rate: Requests that it takes each second, at a time.
        burst: How many of them at once, when it was idle.
        at_once: How many it works on at once.
        retry_after: What it asks for when it has too much to do; None: it does not say.
        latency: Seconds to answer, on average.
        failures: The part of the requests that it answers with 500.
    """

    rate: Callable[[float], float] = lambda _: 1e9
    burst: float = 1e9
    at_once: int = 10**9
    retry_after: float | None = None
    latency: float = 0.05
    failures: float = 0.0
    _tokens: float | None = None
    _since: float = 0.0

    def takes(self, now: float, in_flight: int) -> bool:
        tokens = self.burst if self._tokens is None else self._tokens + (now - self._since) * self.rate(now)
        self._tokens, self._since = min(self.burst, tokens), now
        if self._tokens < 1.0 or in_flight >= self.at_once:
            return False
        self._tokens -= 1.0
        return True


@attrs.define
class Outcome:
    """How it went."""

    sent: int = 0
    throttled: int = 0
    answered: int = 0
    most_in_flight: int = 0
    began: list[float] = attrs.field(factory=list[float])
    seconds: float = 0.0


class Simulation:
    """Questions asked through a limiter, by so many workers.

    Args:
        service: Whom they ask.
        questions: How many.
        workers: How many at once at most.
        seed: Of all that is random.
        rate: The limiter's own rate.
        adaptive: Whether the limiter adapts.
    """

    def __init__(
        self,
        service: Service,
        questions: int = 400,
        *,
        workers: int = 32,
        seed: int = 0,
        rate: float | None = None,
        adaptive: bool = True,
    ) -> None:
        self._random = random.Random(seed)
        self._clock, self._service, self._left, self._workers = Clock(), service, questions, workers
        self.limiter = Limiter(
            workers,
            rate,
            is_adaptive=adaptive,
            clock=lambda: self._clock.now,
            random=self._random.random,
            make_signal=lambda: SimSignal(self._clock),
            lock=nullcontext,
        )
        self._outcome = Outcome()
        self._in_flight = 0

    def run(self) -> Outcome:
        for _ in range(2 * self._workers):
            self._clock.after(0.0, self._next)
        self._clock.run()
        assert self.limiter.in_flight == self.limiter.waiting == 0, "something was left over"
        return self._outcome

    def _next(self) -> None:
        if self._left:
            self._left -= 1
            self._ask(0)

    def _ask(self, failures: int) -> None:
        turn, asked = self.limiter.join(is_repeated=failures > 0), [0]

        def look() -> None:
            asked[0] += 1
            this = asked[0]
            delay = self.limiter.wait(turn)
            if delay == 0:
                return self._send(turn, failures)
            assert isinstance(turn.signal, SimSignal)
            turn.signal.act = look
            if delay is not None:  # clocks wake late
                late = delay + 0.001 * self._random.random()
                self._clock.after(late, lambda: look() if asked[0] == this else None)
            return None

        look()

    def _send(self, turn: object, failures: int) -> None:
        outcome, now = self._outcome, self._clock.now
        outcome.sent += 1
        outcome.began.append(now)
        if not self._service.takes(now, self._in_flight):
            outcome.throttled += 1
            self._clock.after(0.003, lambda: self._rejected(turn, failures))
            return
        self._in_flight += 1
        outcome.most_in_flight = max(outcome.most_in_flight, self._in_flight)
        latency = self._service.latency * (0.5 + self._random.random())
        self._clock.after(latency / 2, self.limiter.accepted)
        self._clock.after(latency, lambda: self._answered(turn, failures))

    def _rejected(self, turn: object, failures: int) -> None:
        asked = self._service.retry_after
        self.limiter.overloaded(turn, asked)  # type: ignore[arg-type]
        self.limiter.leave(turn)  # type: ignore[arg-type]
        self._again(failures, asked)

    def _answered(self, turn: object, failures: int) -> None:
        self._in_flight -= 1
        self.limiter.leave(turn)  # type: ignore[arg-type]
        if self._random.random() < self._service.failures:
            return self._again(failures, None)
        self._outcome.answered += 1
        self._outcome.seconds = self._clock.now
        return self._next()

    def _again(self, failures: int, asked: float | None) -> None:
        delay = self._random.random() * min(30.0, 0.5 * 2**failures) if asked is None else asked
        self._clock.after(delay, lambda: self._ask(failures + 1))
