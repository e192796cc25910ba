"""Streams under every schedule of faults: what is delivered, what is raised, what is asked, how long is waited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.flow_checks import AMPLE, check_order, stream, streaming
from tests.support.flow_model import Model
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import FlowServer
from tests.support.flow_simulation import FlowSimulation
from tests.support.flow_strategies import ANSWERS, CHANCES, PASSING, SCHEDULES, THOROUGHLY, VERY_THOROUGHLY

DEADLINES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        name: st.one_of(st.none(), st.sampled_from([0.5, 2.0, 7.0, 40.0]))
        for name in ("stream_first_chunk_timeout", "stream_heartbeat_timeout", "connect_timeout")
    },
    optional={"retry_max_elapsed": st.none()},
) | st.just({})


@VERY_THOROUGHLY
@given(
    answers=st.lists(ANSWERS, min_size=1, max_size=3),
    turns=SCHEDULES,
    random=CHANCES,
    max_resumes=st.integers(0, 4),
    max_retries=st.integers(0, 3),
)
# Cut off where nothing but the blank line is missing, on either side of the line's end.
@example(answers=[["a"]], turns=[Turn(keep=120)], random=0.0, max_resumes=1, max_retries=0)
@example(answers=[["a"]], turns=[Turn(keep=121)], random=0.0, max_resumes=1, max_retries=0)
def test_a_stream_does_what_the_contract_makes_of_its_schedule(
    answers: Sequence[Sequence[str]], turns: Sequence[Turn], random: float, max_resumes: int, max_retries: int
) -> None:
    """As a model without flows tells it: the events, the error, each ``Last-Event-ID`` and each wait, exactly."""
    bounds: dict[str, Any] = {"max_resumes": max_resumes, "max_retries": max_retries}
    server = FlowServer(*answers, stream=turns)
    simulation = FlowSimulation(server, random=random, **AMPLE, **bounds)
    expected = Model(answers, simulation.runtime.config, random).play(turns)
    run = stream(simulation)
    assert len(run.chunks) == expected.delivered
    assert (run.error is None) == (expected.error is None)
    assert isinstance(run.error, expected.error or type(None))
    ids = [
        f"{expected.generation.message_id}:{number}" if number and expected.generation else None
        for number in expected.asked
    ]
    assert [asked.header("Last-Event-ID") for asked in server.asked] == ids
    assert run.sleeps == expected.sleeps
    assert [
        *(told.delay for told in simulation.retries),
        *(told.delay for told in simulation.resumes),
    ] == expected.sleeps


@THOROUGHLY
@given(answer=ANSWERS, turns=PASSING, random=CHANCES)
def test_a_stream_is_whole_when_its_troubles_pass(answer: Sequence[str], turns: Sequence[Turn], random: float) -> None:
    """With more tries than the schedule has faults, nothing is ever lost."""
    simulation = FlowSimulation(
        FlowServer(answer, stream=turns), random=random, **AMPLE, max_resumes=len(turns), max_retries=len(turns)
    )
    run = stream(simulation)
    assert (run.text, run.error) == ("".join(answer), None)


@THOROUGHLY
@given(
    turns=SCHEDULES,
    limits=DEADLINES,
    total=st.sampled_from([0.25, 3.0, 20.0, 300.0]),
    reading=st.sampled_from([0.0, 1.0]),
)
def test_a_stream_keeps_its_deadlines(
    turns: Sequence[Turn], limits: dict[str, Any], total: float, reading: float
) -> None:
    """Whatever the limits, it ends within them, apart from the time that its user takes."""
    simulation = FlowSimulation(FlowServer(stream=turns), stream_idle_timeout=5.0, reading=reading, **limits)
    run = stream(simulation, timeout=total)
    config = simulation.runtime.config
    own = run.elapsed - reading * (len(run.chunks) + 1)
    assert own <= total
    if config.stream_first_chunk_timeout is not None and not run.chunks:
        assert own <= config.stream_first_chunk_timeout
    if config.stream_first_chunk_timeout is not None and config.stream_heartbeat_timeout is not None:
        assert own <= config.stream_first_chunk_timeout + len(run.chunks) * config.stream_heartbeat_timeout
    assert all(sleep <= config.retry_max_delay for sleep in run.sleeps)


@THOROUGHLY
@given(turns=SCHEDULES, leave_after=st.integers(0, 60), fallback=st.booleans())
def test_a_stream_can_be_left_at_any_moment(turns: Sequence[Turn], leave_after: int, *, fallback: bool) -> None:
    """Closing a flow makes it ask for nothing more."""
    simulation = FlowSimulation(FlowServer(stream=turns), **AMPLE)
    run = simulation.run(streaming(simulation, fallback=fallback)[0], leave_after=leave_after)
    assert len(run.effects) <= leave_after
    check_order(run)


@pytest.mark.parametrize("stop", [Stop.END, Stop.CUT, Stop.RESET])
@pytest.mark.parametrize("eol", [b"\n", b"\r\n", b"\r"])
def test_a_cut_after_every_byte(stop: Stop, eol: bytes) -> None:
    """Inside events, inside field names, inside characters: the next connection brings the rest."""
    pieces = ("é🧾",)
    whole = FlowServer(pieces)
    stream(FlowSimulation(whole, **AMPLE))
    size = sum(len(part) for _, part in whole.generations[0].parts(0, Turn(eol=eol)))
    for keep in range(size + 1):
        run = stream(
            FlowSimulation(FlowServer(pieces, stream=[Turn(keep=keep, stop=stop, eol=eol, sizes=(7, 3))]), **AMPLE)
        )
        assert (run.text, run.error) == ("é🧾", None)
