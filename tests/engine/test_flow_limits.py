"""Calls and streams under the client's own limits, in the simulation."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.exceptions import GPOTimeoutError, RateLimitError
from gpo_client.flows.call import call_flow
from gpo_client.flows.effects import FailureKind, Open
from gpo_client.flows.observers import WaitDetails
from gpo_client.operations import chat
from tests.support.flow_checks import Office, streaming
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import EPOCH, FlowServer
from tests.support.flow_simulation import FlowSimulation
from tests.support.flow_strategies import THOROUGHLY
from tests.support.observing import Recorder
from tests.support.question import CONTEXT, QUESTION

_SLOW = Turn(latency=10.0)
_TURNS = st.sampled_from(
    [
        Turn(),
        Turn(latency=3.0),
        Turn(status=429, retry_after=2),
        Turn(status=429),
        Turn(status=503),
        Turn(keep=20, stop=Stop.RESET),
        Turn(keep=20, stop=Stop.CUT),
    ]
)


def _call(simulation: FlowSimulation, **options: Any) -> Any:
    return call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), options)  # type: ignore[arg-type]


def test_one_at_a_time() -> None:
    """Each waits for the one before; the observers are told how long and for what, and errors would be too."""
    recorder = Recorder()
    simulation = FlowSimulation(FlowServer(whole=[_SLOW] * 3), max_concurrency=1, observers=[recorder])
    runs = simulation.run_all([(start, _call(simulation)) for start in (1.0, 2.0, 3.0)])
    assert [run.ended_at for run in runs] == [11.0, 21.0, 31.0]
    waits = [seen.of("waited") for seen in recorder.calls]
    assert waits == [
        [WaitDetails(operation="chat", seconds=seconds, reason="max_concurrency") for seconds in told]
        for told in ([], [9.0], [18.0])
    ]


def test_a_turn_that_does_not_come() -> None:
    """The wait has the call's own timeout; its time to be answered begins afterwards."""
    simulation = FlowSimulation(FlowServer(whole=[_SLOW] * 3), max_concurrency=1)
    runs = simulation.run_all(
        [(0.0, _call(simulation)), (1.0, _call(simulation, timeout=5.0)), (2.0, _call(simulation, timeout=12.0))]
    )
    assert isinstance(runs[1].error, GPOTimeoutError)
    assert "max_concurrency" in runs[1].error.message
    assert (runs[1].error.waited, runs[1].error.attempts) == (5.0, 0)
    assert (runs[2].error, runs[2].ended_at) == (None, 20.0)
    assert len(simulation.server.asked) == 2


def test_a_turn_that_the_rate_does_not_give() -> None:
    """The error names the setting."""
    simulation = FlowSimulation(FlowServer(), requests_per_second=0.1)
    runs = simulation.run_all([(0.0, _call(simulation)), (1.0, _call(simulation, timeout=5.0))])
    assert isinstance(runs[1].error, GPOTimeoutError)
    assert (runs[1].error.waited, runs[1].ended_at) == (5.0, 6.0)
    assert "because of the setting requests_per_second: " in runs[1].error.message


def test_the_rate() -> None:
    """Requests begin evenly spread, and streams count as calls do."""
    simulation = FlowSimulation(FlowServer(), requests_per_second=2.0)
    simulation.run_all([(0.0, _call(simulation)), (0.0, streaming(simulation)[0]), (0.0, _call(simulation))])
    assert [asked.at for asked in simulation.server.asked] == [0.0, 0.5, 1.0]


def test_all_waits_count() -> None:
    """Those before each attempt: two seconds, then what is left of two after a quarter."""
    server = FlowServer(whole=[Turn(), Turn(status=500), Turn(status=500)])
    simulation = FlowSimulation(server, requests_per_second=0.5)
    runs = simulation.run_all([(0.0, _call(simulation)), (0.0, _call(simulation, max_retries=1))])
    assert runs[1].error is not None
    assert (runs[1].error.waited, runs[1].error.elapsed) == (3.75, 4.0)


@pytest.mark.parametrize(
    ("turn", "is_overload"),
    [
        (Turn(failure=FailureKind.TIMEOUT), True),
        (Turn(failure=FailureKind.CONNECT_TIMEOUT), True),
        (Turn(failure=FailureKind.RESET), False),
        (Turn(status=503), True),
        (Turn(status=500), False),
    ],
)
def test_what_is_too_much_for_the_service(turn: Turn, *, is_overload: bool) -> None:
    """What takes too long, or is said to be: there is a pace from then on."""
    simulation = FlowSimulation(FlowServer(whole=[turn]), max_concurrency=8, adaptive=True)
    simulation.run(_call(simulation, max_retries=0, timeout=5.0))
    (limiter,) = simulation.runtime.limiters
    assert (limiter.rate is not None) == is_overload


def test_a_pause_until_a_date() -> None:
    """By the clock of this side, if the service does not say its own."""
    date = format_datetime(EPOCH + timedelta(seconds=4), usegmt=True)
    turns = [Turn(status=429, fields={"retry-after": date})]
    simulation = FlowSimulation(FlowServer(whole=turns), max_concurrency=1, random=0.0)
    simulation.run_all([(0.0, _call(simulation)), (1.0, _call(simulation))])
    assert [asked.at for asked in simulation.server.asked] == [0.0, 4.0, 4.0]


def test_a_pause_for_everybody() -> None:
    """What one is asked to wait for, the others wait for too; who waits holds nobody's place."""
    for pause in (4, 30):
        turns = [Turn(status=429, retry_after=pause)]
        simulation = FlowSimulation(FlowServer(whole=turns), max_concurrency=1, random=0.0)
        simulation.run_all([(0.0, _call(simulation)), (1.0, _call(simulation))])
        assert [asked.at for asked in simulation.server.asked] == [0.0, pause, pause]


def test_who_waits_to_try_again_holds_no_place() -> None:
    """Another one is sent meanwhile."""
    simulation = FlowSimulation(FlowServer(whole=[Turn(status=500)]), max_concurrency=1)
    simulation.run_all([(0.0, _call(simulation)), (0.0, _call(simulation))])
    assert [asked.at for asked in simulation.server.asked] == [0.0, 0.0, 0.25]


def test_a_pause_that_nobody_waits_for() -> None:
    """An hour is longer than calls are patient: the one ends, and the others are not held back."""
    simulation = FlowSimulation(FlowServer(whole=[Turn(status=429, retry_after=3600)]), max_concurrency=1)
    failed, other = simulation.run_all([(0.0, _call(simulation)), (1.0, _call(simulation))])
    assert isinstance(failed.error, RateLimitError)
    assert other.ended_at == 1.0


def test_a_renewal_has_a_turn_of_its_own() -> None:
    """A call gives its place back while it gets a new token: with one place there is no deadlock."""
    office = Office(FlowServer(lifetime=60.0, session=[Turn(latency=1.0)] * 4), max_concurrency=1)
    runs = office.simulation.run_all(
        [(0.0, office.flow(streams=False)), office.expire(0.5), *[(1.0, office.flow(streams=True))] * 1]
    )
    assert [run.error for run in runs] == [None] * 3


def test_a_wait_is_not_the_services() -> None:
    """A stream's deadline for its first chunk begins when it is sent."""
    simulation = FlowSimulation(
        FlowServer(stream=[Turn(latency=8.0)] * 2), max_concurrency=1, stream_first_chunk_timeout=9.0
    )
    first, second = (streaming(simulation) for _ in range(2))
    runs = simulation.run_all([(0.0, first[0]), (0.0, second[0])])
    assert [run.error for run in runs] == [None, None]


@THOROUGHLY
@given(
    st.lists(_TURNS, max_size=12),
    st.lists(st.tuples(st.sampled_from([0.0, 0.5, 3.0]), st.booleans()), min_size=1, max_size=6),
    st.integers(1, 3),
    st.booleans(),
    st.one_of(st.none(), st.integers(1, 30)),
)
def test_no_place_is_lost(
    turns: list[Turn], starts: list[tuple[float, bool]], most: int, adaptive: bool, leave_after: int | None
) -> None:
    """However calls and streams end, left ones included, all places are free again, and no flow waits for ever."""
    simulation = FlowSimulation(FlowServer(whole=turns, stream=turns), max_concurrency=most, adaptive=adaptive)
    flows = [(after, streaming(simulation)[0] if streams else _call(simulation)) for after, streams in starts]
    runs = simulation.run_all(flows, **({} if leave_after is None else {"leave_after": leave_after}))
    (limiter,) = simulation.runtime.limiters
    assert limiter.in_flight == limiter.waiting == 0
    assert all(run.ended_at is not None for run in runs)
    assert leave_after is not None or any(isinstance(effect, Open) for run in runs for effect in run.effects)
