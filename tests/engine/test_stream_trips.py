"""What a stream asks of its driver: the same few effects, however many chunks and reads it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gpo_client.flows.effects import Close, Deliver, Effect, Open, Opened, Pump
from gpo_client.text.record import StreamRecord
from tests.support.events import TEXT_EVENT_STREAM, answer_events
from tests.support.flow_checks import streaming
from tests.support.flow_server import FlowServer
from tests.support.flow_simulation import FlowSimulation

_HEADERS = {name.lower(): value for name, value in TEXT_EVENT_STREAM.items()}


def effects_of(portions: list[bytes]) -> tuple[list[Effect[Any]], StreamRecord, int]:
    """The effects of a stream that arrives in these reads, its record, and how often chunks were handed on."""
    flow, record = streaming(FlowSimulation(FlowServer()))
    effects: list[Effect[Any]] = []
    deliveries, outcome = 0, None
    try:
        while True:
            effects.append(flow.send(outcome))
            outcome = Opened(200, _HEADERS) if isinstance(effects[-1], Open) else None
            if isinstance(effects[-1], Pump):
                deliveries += _receive(effects[-1], iter(portions))
    except StopIteration:
        return effects, record, deliveries


def _receive(effect: Pump, portions: Iterator[bytes]) -> int:
    """What drivers do for it."""
    deliveries = 0
    while effect.reader.wait() != 0:
        deliveries += bool(effect.reader.feed(next(portions)))
    return deliveries


@pytest.mark.parametrize("count", [1, 2, 100, 2_000])
@pytest.mark.parametrize("a_read", [1, 200])
def test_effects_do_not_grow_with_the_stream(count: int, a_read: int) -> None:
    """Open, tell so, receive all, close, deliver the last chunk: no trip to the flow for any read or chunk."""
    events = answer_events(*["word "] * count)
    starts = range(0, len(events), a_read)
    effects, record, deliveries = effects_of([b"".join(events[start : start + a_read]) for start in starts])
    assert [type(effect) for effect in effects] == [Open, Deliver, Pump, Close, Deliver]
    assert record.chunk_count == count + 1
    assert record.is_complete
    # One for each read. The final chunk comes after the connection is closed; those before it do not wait for that.
    assert deliveries == len(range(0, count, a_read))
