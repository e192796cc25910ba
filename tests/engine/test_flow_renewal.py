"""Token renewal with many flows at once, in every order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.exceptions import (
    AuthenticationError,
    GPOClientError,
    ServiceUnavailableError,
    StreamInterruptedError,
    TokenExpiredError,
)
from gpo_client.flows.call import call_flow, end_session_flow, open_session_flow
from gpo_client.flows.effects import FailureKind
from gpo_client.operations import chat
from gpo_client.operations.call import Call, Request
from gpo_client.operations.chat import create_session
from tests.support.flow_checks import Office
from tests.support.flow_run import Run
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import EPOCH, FlowServer
from tests.support.flow_simulation import FlowSimulation
from tests.support.flow_strategies import THOROUGHLY
from tests.support.observing import Recorder
from tests.support.question import QUESTION, SESSION

#: When a flow begins, and whether it streams.
STARTS = st.lists(st.tuples(st.sampled_from([0.0, 1.0, 2.0, 5.0, 30.0]), st.booleans()), min_size=1, max_size=6)
LATENCIES = st.lists(st.sampled_from([0.0, 0.5, 1.0, 4.0]), max_size=12)


def answered(run: Run) -> bool:
    """Whether a flow brought the whole answer."""
    text = run.result.message_content if run.result is not None else run.text
    return run.error is None and text == "Mexico taxes income."


@THOROUGHLY
@given(
    starts=STARTS,
    ends=st.lists(st.sampled_from([0.0, 0.25, 1.5, 6.0]), max_size=2, unique=True),
    latencies=LATENCIES,
    renewals=LATENCIES,
    order=st.randoms(use_true_random=False),
)
def test_one_renewal_for_each_expiry(
    starts: Sequence[tuple[float, bool]],
    ends: Sequence[float],
    latencies: Sequence[float],
    renewals: Sequence[float],
    order: Any,
) -> None:
    """However many flows find the token expired, and whenever their answers come; and each goes on with the new one."""
    turns = [Turn(latency=latency) for latency in latencies]
    sessions = [Turn(), *[Turn(latency=latency) for latency in renewals]]
    server = FlowServer(whole=turns, stream=turns, session=sessions)
    office = Office(server)
    office.simulation._pick = order.randrange
    flows = [(start, office.flow(streams=streams)) for start, streams in starts]
    runs = office.simulation.run_all([*flows, *(office.expire(end) for end in ends)])[: len(starts)]
    assert server.count("session") <= 1 + len(ends)
    expired = len(set(server.tokens.values()) - {1e6})
    assert server.count("session") - 1 <= expired
    if len(ends) <= 1:
        assert all(answered(run) for run in runs)
    keys = [{asked.header("Idempotency-Key") for asked in server.asked if asked.operation != "session"}]
    assert len(keys[0]) == len(starts)


@THOROUGHLY
@given(starts=STARTS, order=st.randoms(use_true_random=False), lifetime=st.sampled_from([3.0, 8.0]))
def test_tokens_are_renewed_before_they_end(starts: Sequence[tuple[float, bool]], order: Any, lifetime: float) -> None:
    """Within the buffer of its end a token is not used: nobody ever sends an expired one."""
    server = FlowServer(lifetime=lifetime)
    office = Office(server, token_renewal_buffer=1.0)
    office.simulation._pick = order.randrange
    runs = office.simulation.run_all([(start, office.flow(streams=streams)) for start, streams in starts])
    assert all(answered(run) for run in runs)
    for asked in server.asked:
        if asked.operation != "session":
            assert asked.at + 1.0 < server.tokens[(asked.header("Authorization") or "").removeprefix("Bearer ")]
    opened = [EPOCH + timedelta(seconds=asked.at) for asked in server.asked if asked.operation == "session"]
    assert all(later - earlier >= timedelta(seconds=lifetime - 1) for earlier, later in pairwise(opened))


@THOROUGHLY
@given(
    starts=STARTS,
    order=st.randoms(use_true_random=False),
    failures=st.lists(
        st.sampled_from([Turn(status=501), Turn(status=403), Turn(failure=FailureKind.TLS), Turn(latency=1.0)]),
        max_size=8,
    ),
)
def test_a_renewal_that_fails_reaches_the_caller(
    starts: Sequence[tuple[float, bool]], order: Any, failures: Sequence[Turn]
) -> None:
    """As an error of this library; the next flow may try again, and the simulation sees that no lock is left over."""
    server = FlowServer(session=[Turn(), *failures])
    office = Office(server)
    office.simulation._pick = order.randrange
    server.expire_tokens(0.0)
    runs = office.simulation.run_all([(start, office.flow(streams=streams)) for start, streams in starts])
    failed = [turn for turn in failures[: server.count("session") - 1] if turn.status != 200 or turn.failure]
    assert len([run for run in runs if isinstance(run.error, GPOClientError)]) == len(failed)
    assert sum(map(answered, runs)) == len(runs) - len(failed)


def test_what_has_not_expired_is_not_renewed() -> None:
    """A token that is refused for another reason."""
    office = Office(FlowServer(whole=[Turn(status=401, code="invalid_token")]))
    error = office.simulation.run(office.flow(streams=False)).error
    assert isinstance(error, AuthenticationError)
    assert not isinstance(error, TokenExpiredError)
    assert [asked.operation for asked in office.simulation.server.asked].count("session") == 1


@pytest.mark.parametrize("fallback", [False, True])
def test_a_stream_that_cannot_renew_has_been_interrupted(fallback: bool) -> None:
    """It had begun, so its error has what had arrived; a fallback that needs the new token as well fails in peace."""
    server = FlowServer(stream=[Turn(events=1, latency=1.0)], session=[Turn(), *[Turn(status=403)] * 2])
    office = Office(server)
    flow = office.flow(streams=True, fallback=fallback)
    run = office.simulation.run_all([(0.0, flow), office.expire(0.5)])[0]
    assert isinstance(run.error, StreamInterruptedError)
    assert run.error.partial.content == run.text == "Mexico taxes "
    assert bool(getattr(run.error, "__notes__", None)) == fallback


def test_a_stream_that_is_redirected_has_been_interrupted() -> None:
    """A server that begins to redirect, too."""
    server = FlowServer(stream=[Turn(events=1), Turn(status=307)])
    office = Office(server)
    run = office.simulation.run(office.flow(streams=True))
    assert isinstance(run.error, StreamInterruptedError)
    assert run.error.partial.content == "Mexico taxes "


@pytest.mark.parametrize("streams", [False, True])
def test_a_token_that_has_expired_is_renewed_once(streams: bool) -> None:
    """A new token that does not help either is the service's matter."""
    expired = [Turn(status=401, code="token_expired")] * 9
    server = FlowServer(stream=expired, whole=expired)
    office = Office(server)
    run = office.simulation.run(office.flow(streams=streams))
    assert run.error is not None
    assert (run.error.code, server.count("session")) == ("token_expired", 2)


@pytest.mark.parametrize("buffer", [0.0, 2e6], ids=["refused", "due"])
def test_renewals_are_asked_for_as_sessions_were(buffer: float) -> None:
    """With the same header fields, which a gateway may want, and under another key."""
    recorder = Recorder()
    settings: dict[str, Any] = {"auto_renew_token": True, "token_renewal_buffer": buffer, "observers": [recorder]}
    simulation = FlowSimulation(FlowServer(), **settings)
    opening = open_session_flow(simulation.runtime, create_session(SESSION), {"headers": {"X-Team": "tax"}})
    context = simulation.run(opening).result.chat_context()
    if not buffer:
        simulation.server.expire_tokens(0.0)
    assert answered(simulation.run(call_flow(simulation.runtime, chat.chat(context, QUESTION), {})))
    opened = [asked for asked in simulation.server.asked if asked.operation == "session"]
    assert [asked.header("X-Team") for asked in opened] == ["tax", "tax"]
    assert len({asked.header("Idempotency-Key") for asked in opened}) == 2
    assert [seen.parent for seen in recorder.calls] == [None, None, recorder.calls[1]]


def test_a_session_that_was_ended_is_not_renewed() -> None:
    """Its user has logged out."""
    office = Office(FlowServer(), max_retries=0)
    runtime = office.simulation.runtime
    ended: Call[None] = Call("logout", Request("POST", "/api/User/logout"), None, token=office.context.token)
    assert office.simulation.run(end_session_flow(runtime, ended, {})).error is None
    office.simulation.server.expire_tokens(0.0)
    assert isinstance(office.simulation.run(office.flow(streams=False)).error, TokenExpiredError)
    assert office.simulation.server.count("session") == 1


def test_stalled_renewals_do_not_hold_up_others_for_ever() -> None:
    """Each waits for the one before it, and then tries itself."""
    server = FlowServer(session=[Turn(), *[Turn(stop=Stop.STALL, keep=3)] * 2, Turn(status=503)])
    office = Office(server, timeout=10.0, max_retries=0)
    server.expire_tokens(0.0)
    runs = office.simulation.run_all([(0.0, office.flow(streams=False)) for _ in range(3)])
    assert [run.elapsed for run in runs] == [10.0, 20.0, 20.0]
    assert isinstance(runs[-1].error, ServiceUnavailableError)
