"""A simulation without sockets, clocks or threads that drives flows, and minds their discipline.

Time passes only when every flow waits, and then exactly as much as the first of them waits for. The simulation raises
AssertionError as soon as a flow breaks a rule: two answers open at once, an answer open while it sleeps or waits for a
lock, a read without an open answer, a wait without end, an answer or a lock left over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import timedelta
from math import inf
from typing import Any

import attrs

from gpo_client.client.runtime import make_runtime
from gpo_client.config import GPOConfig
from gpo_client.exceptions import GPOClientError
from gpo_client.flows.active_call import Runtime
from gpo_client.flows.credentials import TokenStore
from gpo_client.flows.effects import (
    Acquire,
    Close,
    Deliver,
    Effect,
    Failure,
    FailureKind,
    FileEffect,
    Flow,
    Open,
    Opened,
    Read,
    Release,
    Sleep,
    Wait,
)
from gpo_client.flows.observers import Hooks, Observer, ResumeDetails, RetryDetails
from gpo_client.limits import Limiter
from tests.support.flow_run import FREE, Run, SimLock, step_by_step
from tests.support.flow_server import EPOCH, FlowServer, Reply

# A flow that does more than this will not end.
_MOST_EFFECTS = 5_000


@attrs.define(eq=False)
class SimSignal:
    """A signal of this simulation."""

    simulation: FlowSimulation
    waiter: Run | None = None

    def set(self) -> None:
        """Wake who waits."""
        if self.waiter is not None:
            self.waiter.wake = self.simulation.now


class FlowSimulation:
    """The simulation.

    Args:
        server: Whom its flows talk to.
        random: What the runtime takes for a random number.
        reading: Seconds that the user of a stream spends on each delivery.
        pick: Which of several runs goes on, when any may: the number of one out of so many.
        observers: Told of every call.
        settings: The client's.
    """

    def __init__(
        self,
        server: FlowServer,
        *,
        random: float = 0.5,
        reading: float = 0.0,
        pick: Callable[[int], int] = lambda _: 0,
        observers: Sequence[Observer] = (),
        **settings: Any,
    ) -> None:
        self.server = server
        self.now = 0.0
        self.retries: list[RetryDetails] = []
        self.resumes: list[ResumeDetails] = []
        self._reading = reading
        self._pick = pick
        self._ids = iter(range(1, _MOST_EFFECTS))
        self._locks: list[SimLock] = []
        config = GPOConfig(**settings)
        hooks = Hooks(on_retry=self.retries.append, on_resume=self.resumes.append, observers=tuple(observers))
        self.runtime: Runtime = attrs.evolve(
            make_runtime(config, hooks, self._lock, lambda: SimSignal(self)),
            clock=lambda: self.now,
            now=lambda: EPOCH + timedelta(seconds=self.now),
            random=lambda: random,
            new_id=lambda: f"id-{next(self._ids)}",
            limiters=_limiters(config, lambda: self.now, random, lambda: SimSignal(self)),
            tokens=TokenStore(self._lock, lambda: EPOCH + timedelta(seconds=self.now), config.token_renewal_buffer),
        )

    def run(self, flow: Flow[Any], *, leave_after: int = _MOST_EFFECTS) -> Run:
        """Drive a flow to its end; or leave it after so many effects, as a user may at any time."""
        return self.run_all([(0.0, flow)], leave_after=leave_after)[0]

    def run_all(self, flows: Sequence[tuple[float, Flow[Any]]], *, leave_after: int = _MOST_EFFECTS) -> list[Run]:
        """Drive flows side by side, each from its own time on."""
        runs = [Run(step_by_step(flow), self.now + after, self.now + after) for after, flow in flows]
        alive = deque(runs)
        while alive:
            ready = [run for run in alive if run.waits_for is None or run.waits_for.owner is FREE]
            assert ready, "every flow waits for a lock that another holds"
            self.now = max(self.now, min(run.wake for run in ready))
            assert self.now < inf, "a flow waits for ever"
            due = [run for run in ready if run.wake <= self.now]
            run = due[self._pick(len(due))]
            self._step(run, leave_after)
            if run.ended_at is not None:
                alive.remove(run)
        assert all(lock.owner is FREE for lock in self._locks), "a lock is left over"
        return runs

    def _lock(self) -> SimLock:
        self._locks.append(SimLock())
        return self._locks[-1]

    def _step(self, run: Run, leave_after: int) -> None:
        if run.waits_for is not None:
            run.waits_for.owner = run
            run.held.append(run.waits_for)
            run.waits_for = None
        if len(run.effects) >= leave_after:
            run.flow.close()
            return self._let_go(run)
        try:
            effect = run.flow.send(run.outcome)
        except StopIteration as stop:
            assert run.reply is None, "the flow returned and left an answer open"
            assert not run.held, "the flow returned and kept a lock"
            run.result = stop.value
            return self._let_go(run)
        except GPOClientError as error:
            run.error = error
            return self._let_go(run)
        run.effects.append(effect)
        assert len(run.effects) < _MOST_EFFECTS, "the flow does not end"
        wait, run.outcome = self._perform(run, effect)
        run.wake = self.now + wait
        return None

    def _let_go(self, run: Run) -> None:
        """What drivers do when a flow is over, however it ended."""
        run.ended_at, run.reply = self.now, None
        run.files.close()
        for lock in run.held:
            lock.owner = FREE

    def _perform(self, run: Run, effect: Effect[Any]) -> tuple[float, Any]:
        wait = 0.0
        match effect:
            case Open():
                assert run.reply is None, "two answers open at once"
                return self._open(run, effect)
            case Read(timeout):
                assert run.reply is not None, "a read without an open answer"
                return self._read(run, run.reply, inf if timeout is None else timeout)
            case Close():
                run.reply = None
            case Sleep(seconds):
                assert run.reply is None, "an answer is open during a sleep"
                assert seconds >= 0, "a sleep backwards"
                wait = seconds
            case Wait(signal, timeout):
                assert run.reply is None, "an answer is open during a wait for a signal"
                signal.waiter = run
                wait = inf if timeout is None else timeout
            case Deliver(chunks):
                run.chunks += chunks
                wait = self._reading
            case Acquire(lock):
                assert run.reply is None, "an answer is open during a wait for a lock"
                assert lock.owner is not run, "a flow waits for a lock of its own"
                run.waits_for = lock
            case Release(lock):
                run.held.remove(lock)
                lock.owner = FREE
            case FileEffect():
                return 0.0, run.files.perform(effect)
            case _:
                raise AssertionError(f"{effect} is not for this simulation")
        return wait, None

    def _open(self, run: Run, effect: Open) -> tuple[float, Opened | Failure]:
        connect = inf if effect.connect_timeout is None else effect.connect_timeout
        patience = inf if effect.read_timeout is None else effect.read_timeout
        assert connect > 0, "no time to connect"
        assert patience > 0, "no time to answer"
        turn = self.server.turn_for(effect.request, self.now)
        if turn.connect > connect or turn.failure is FailureKind.CONNECT_TIMEOUT:
            return connect, Failure(FailureKind.CONNECT_TIMEOUT)
        if turn.latency > patience or turn.failure in (FailureKind.TIMEOUT, FailureKind.NO_FREE_CONNECTION):
            return turn.connect + patience, Failure(turn.failure or FailureKind.TIMEOUT)
        if turn.failure is not None:
            return turn.connect + turn.latency, Failure(turn.failure)
        run.reply = self.server.reply(effect.request, turn, self.now)
        run.arrived_at = self.now + turn.connect + turn.latency
        return turn.connect + turn.latency, Opened(run.reply.status, run.reply.headers)

    def _read(self, run: Run, reply: Reply, patience: float) -> tuple[float, bytes | Failure]:
        if reply.next_part is None:
            wait, part = next(reply.parts)
            reply.next_part = run.arrived_at + wait, part
        arrival, part = reply.next_part
        # What has arrived while nobody read it is there at once.
        if arrival - self.now > patience:
            return patience, Failure(FailureKind.TIMEOUT)
        reply.next_part = None
        run.arrived_at = arrival
        return max(arrival - self.now, 0.0), part


def _limiters(
    config: GPOConfig, clock: Callable[[], float], random: float, make_signal: Callable[[], SimSignal]
) -> tuple[Limiter, ...]:
    if config.max_concurrency is None and config.requests_per_second is None and not config.adaptive:
        return ()
    limiter = Limiter(
        config.max_concurrency,
        config.requests_per_second,
        is_adaptive=config.adaptive,
        clock=clock,
        random=lambda: random,
        make_signal=make_signal,
        lock=nullcontext,
    )
    return (limiter,)
