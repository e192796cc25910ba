"""One flow being driven in the simulation of :mod:`tests.support.flow_simulation`, and what has come of it."""

from __future__ import annotations

from typing import Any

import attrs

from gpo_client.drivers.files import FileWriter
from gpo_client.exceptions import GPOClientError
from gpo_client.flows.effects import Ask, Compute, Deliver, Effect, Flow, Pause, Pump, Read, Sleep
from gpo_client.models.stream import StreamingChunk
from tests.support.flow_server import Reply

FREE = object()


def step_by_step(flow: Flow[Any]) -> Flow[Any]:
    """The flow, with each round of ``Pump`` as effects of its own."""
    outcome: Any = None
    try:
        while True:
            try:
                effect = flow.send(outcome)
            except StopIteration as stop:
                return stop.value
            if isinstance(effect, Pump):
                yield from _receive(effect)
                outcome = None
            elif isinstance(effect, Compute | Ask | Pause):  # no time passes
                outcome = _computed(effect) if isinstance(effect, Compute) else None
                outcome = effect.ask() if isinstance(effect, Ask) else outcome
            else:
                outcome = yield effect
    finally:
        flow.close()  # raises RuntimeError if the flow asks for anything now


def _computed(effect: Compute[Any]) -> Any:
    try:
        return effect.work()
    except Exception as error:
        raise AssertionError("a computation has raised") from error


def _receive(effect: Pump) -> Flow[None]:
    while (wait := effect.reader.wait()) != 0:
        data = yield from Read(wait)
        if chunks := effect.reader.feed(data):
            yield from Deliver(chunks)


@attrs.define(eq=False)
class SimLock:
    """A lock of this simulation."""

    owner: object = FREE


@attrs.define(eq=False)
class Run:
    """One flow being driven, and what has come of it."""

    flow: Flow[Any]
    started: float = 0.0
    wake: float = 0.0
    outcome: Any = None
    reply: Reply | None = None
    arrived_at: float = 0.0
    waits_for: SimLock | None = None
    held: list[SimLock] = attrs.field(factory=list[SimLock])
    files: FileWriter = attrs.field(factory=FileWriter)
    effects: list[Effect[Any]] = attrs.field(factory=list[Effect[Any]])
    chunks: list[StreamingChunk] = attrs.field(factory=list[StreamingChunk])
    ended_at: float | None = None
    result: Any = None
    error: GPOClientError | None = None

    @property
    def text(self) -> str:
        """The text that was delivered."""
        return "".join(chunk.content or "" for chunk in self.chunks)

    @property
    def sleeps(self) -> list[float]:
        """How long it slept, each time."""
        return [effect.seconds for effect in self.effects if isinstance(effect, Sleep)]

    @property
    def elapsed(self) -> float:
        """How long it took."""
        assert self.ended_at is not None, "it has not ended"
        return self.ended_at - self.started
