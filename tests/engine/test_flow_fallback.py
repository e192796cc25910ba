"""Fallback under every schedule of faults: the whole text, or an error with everything there is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.exceptions import GPOTimeoutError, StreamError, StreamInterruptedError, StreamTimeoutError
from gpo_client.flows.effects import FailureKind
from tests.support.flow_checks import AMPLE, stream
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import FlowServer
from tests.support.flow_simulation import FlowSimulation
from tests.support.flow_strategies import ANSWERS, BUSY, CUT_STREAMS, FAILURES, REFUSALS, SCHEDULES, THOROUGHLY

#: What may become of the request for a whole answer.
WHOLES = st.one_of(
    st.just(Turn()),
    st.just(Turn(restart=True)),
    st.builds(Turn, keep=st.integers(0, 200), stop=st.sampled_from(Stop), beat_every=st.just(5.0)),
    BUSY,
    REFUSALS,
    FAILURES,
)


@THOROUGHLY
@given(
    answers=st.lists(ANSWERS, min_size=1, max_size=3),
    turns=SCHEDULES,
    whole=st.lists(WHOLES, max_size=2),
    max_resumes=st.integers(0, 2),
)
def test_fallback_gives_the_whole_text_or_an_error(
    answers: Sequence[Sequence[str]], turns: Sequence[Turn], whole: Sequence[Turn], max_resumes: int
) -> None:
    """One request for the whole answer at most; another answer than the one begun is never joined to it."""
    server = FlowServer(*answers, stream=turns, whole=whole)
    run = stream(FlowSimulation(server, max_resumes=max_resumes, **AMPLE), fallback=True)
    assert server.count("whole") <= 1
    fallen = [chunk for chunk in run.chunks if (chunk.metadata or {}).get("fallback")]
    if run.error is None:
        assert run.text in {generation.text for generation in server.generations}
        assert len(fallen) == server.count("whole")
    else:
        assert not fallen
    if getattr(run.error, "fallback_response", None) is not None:
        assert isinstance(run.error, StreamInterruptedError)
        assert run.error.fallback_response is not None
        assert not run.error.fallback_response.message_content.startswith(run.text)
    elif isinstance(run.error, StreamError) and server.count("whole"):
        assert "the fallback to a whole answer failed too" in run.error.__notes__[0]


@THOROUGHLY
@given(answer=ANSWERS, turns=st.lists(CUT_STREAMS, max_size=3))
def test_fallback_saves_every_stream_that_is_cut(answer: Sequence[str], turns: Sequence[Turn]) -> None:
    """A service that is well for whole answers loses nothing, even if nothing is continued."""
    run = stream(FlowSimulation(FlowServer(answer, stream=turns), max_resumes=0, **AMPLE), fallback=True)
    assert (run.text, run.error) == ("".join(answer), None)


@THOROUGHLY
@given(whole=WHOLES, events=st.integers(0, 2), total=st.sampled_from([10.0, 60.0, 100.0]))
def test_fallback_keeps_the_total_deadline(whole: Turn, events: int, total: float) -> None:
    """What the stream has left of its time is all that the fallback has, refusals included."""
    server = FlowServer(stream=[Turn(events=events, stop=Stop.STALL)] * 9, whole=[whole])
    run = stream(FlowSimulation(server, stream_idle_timeout=4.0, max_resumes=1), fallback=True, timeout=total)
    assert run.elapsed <= total


def test_fallback_waits_for_what_is_left() -> None:
    """To the end of the total deadline, exactly."""
    server = FlowServer(stream=[Turn(events=1)], whole=[Turn(latency=100.0)])
    run = stream(FlowSimulation(server, max_resumes=0), fallback=True, timeout=50.0)
    assert run.elapsed == 50.0
    assert isinstance(run.error, StreamInterruptedError)
    assert isinstance(run.error.__cause__, GPOTimeoutError)


@pytest.mark.parametrize(
    ("turn", "elapsed"),
    [
        (Turn(failure=FailureKind.TIMEOUT), 60.0),
        (Turn(stop=Stop.STALL, events=0), 60.0),
        (Turn(fields={"content-type": "text/html"}, body=b"<p>"), 0.0),
    ],
    ids=["no head", "no chunk", "no stream"],
)
def test_fallback_of_what_never_began(turn: Turn, elapsed: float) -> None:
    """A stream that never speaks is saved too, while there is time; and one behind a proxy that knows no streams."""
    run = stream(FlowSimulation(FlowServer(stream=[turn]), max_resumes=0), fallback=True)
    assert (run.text, run.error, run.elapsed) == ("Mexico taxes income.", None, elapsed)


def test_no_fallback_without_time() -> None:
    """The total deadline leaves none."""
    server = FlowServer(stream=[Turn(events=1, stop=Stop.STALL)])
    run = stream(FlowSimulation(server), fallback=True, timeout=60.0)
    assert (type(run.error), run.elapsed, server.count("whole")) == (StreamTimeoutError, 60.0, 0)
