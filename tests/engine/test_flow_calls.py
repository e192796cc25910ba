"""Ordinary calls under every schedule of faults: a model or the right exception, and no request too many."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Sequence
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.exceptions import APIStatusError, GPOConnectionError, GPOTimeoutError, InvalidResponseError
from gpo_client.flows.call import call_flow
from gpo_client.flows.deadlines import Deadline
from gpo_client.flows.effects import NOT_CONNECTED, FailureKind, Flow, Opened
from gpo_client.flows.response import Body, read_whole
from gpo_client.flows.retry import TRANSIENT_FAILURES, TRANSIENT_STATUSES
from gpo_client.models.answer import ChatResponse
from gpo_client.operations import chat
from gpo_client.operations.call import Call, Request
from tests.support.flow_run import Run
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import FlowServer
from tests.support.flow_simulation import FlowSimulation
from tests.support.flow_strategies import CHANCES, THOROUGHLY
from tests.support.question import CONTEXT, QUESTION

STATUSES = [302, 400, 401, 404, 408, 409, 410, 425, 429, 500, 501, 502, 503, 504]
BODIES = st.builds(
    Turn, keep=st.one_of(st.none(), st.integers(0, 250)), stop=st.sampled_from(Stop), sizes=st.just((9, 50))
)
REFUSALS = st.builds(
    Turn,
    status=st.sampled_from(STATUSES),
    retry_after=st.sampled_from([None, 0, 3, 31]),
    keep=st.one_of(st.none(), st.integers(0, 80)),
    stop=st.sampled_from(Stop),
)
FAILURES = st.builds(Turn, failure=st.sampled_from(FailureKind))
SCHEDULES = st.lists(st.one_of(BODIES, REFUSALS, FAILURES), max_size=5)

#: Three kinds of requests: with an idempotency key, without any need of one, and with a need but none.
ASK = chat.chat(CONTEXT, QUESTION)
GET = attrs.evolve(ASK, creates=False, request=Request("GET", "/api/Chat"))
SEARCH = attrs.evolve(ASK, creates=False)


def call(simulation: FlowSimulation, what: Call[ChatResponse], **options: Any) -> Run:
    """Make a call."""
    return simulation.run(call_flow(simulation.runtime, what, options))  # type: ignore[arg-type]


@THOROUGHLY
@given(what=st.sampled_from([ASK, GET, SEARCH]), turns=SCHEDULES, random=CHANCES, max_retries=st.integers(0, 3))
def test_a_call_ends_with_a_model_or_the_right_exception(
    what: Call[ChatResponse], turns: Sequence[Turn], random: float, max_retries: int
) -> None:
    """It is decided by the last answer; all answers before passed, and nothing is repeated that must not be."""
    server = FlowServer(whole=turns)
    simulation = FlowSimulation(server, random=random, retry_max_elapsed=None)
    run = call(simulation, what, max_retries=max_retries)
    tries = [*turns, Turn()][: len(server.asked)]
    assert len(tries) <= max_retries + 1
    assert [told.delay for told in simulation.retries] == run.sleeps == _waits(tries[:-1], random)
    for turn in tries[:-1]:
        assert _may_pass(turn)
        assert what is not SEARCH or turn.failure in NOT_CONNECTED, "the server may have seen it"
    assert len({(asked.header("Idempotency-Key"), asked.header("X-Request-ID")) for asked in server.asked}) == 1
    assert len({asked.request.content for asked in server.asked}) == 1
    _check_outcome(run, tries[-1])
    unseen_or_safe = what is not SEARCH or tries[-1].failure in NOT_CONNECTED
    if run.error is not None and _may_pass(tries[-1]) and unseen_or_safe and tries[-1].retry_after != 31:
        assert len(tries) == max_retries + 1, "it gave up too early"


def _check_outcome(run: Run, last: Turn) -> None:
    expected: type[Exception] | None
    if last.failure is not None:
        timeouts = (FailureKind.TIMEOUT, FailureKind.CONNECT_TIMEOUT, FailureKind.NO_FREE_CONNECTION)
        expected = GPOTimeoutError if last.failure in timeouts else GPOConnectionError
    elif last.status >= 400:
        expected = APIStatusError
        assert isinstance(run.error, APIStatusError)
        assert run.error.status_code == last.status
    elif last.status >= 300:
        expected = InvalidResponseError
    elif run.error is None:
        assert isinstance(run.result, ChatResponse)
        assert run.result.message_content == "Mexico taxes income."
        return
    elif last.stop is Stop.STALL:
        expected = GPOTimeoutError
    else:
        expected = InvalidResponseError if last.stop in (Stop.END, Stop.HEARTBEATS) else GPOConnectionError
        expected = (
            GPOTimeoutError if isinstance(run.error, GPOTimeoutError) and last.stop is Stop.HEARTBEATS else expected
        )
    assert type(run.error) is expected or (last.failure is None and isinstance(run.error, expected))


def _may_pass(turn: Turn) -> bool:
    if turn.failure is not None:
        return turn.failure in TRANSIENT_FAILURES
    return turn.status in TRANSIENT_STATUSES or (turn.status == 200 and turn.stop in (Stop.CUT, Stop.RESET))


def _waits(turns: Sequence[Turn], random: float) -> list[float]:
    return [
        random * min(30.0, 0.5 * 2**number) if turn.failure or turn.status == 200 or turn.retry_after is None
        else turn.retry_after
        for number, turn in enumerate(turns)
    ]  # fmt: skip


@pytest.mark.parametrize("what", [ASK, GET, SEARCH], ids=["keyed", "safe", "neither"])
@pytest.mark.parametrize("status", [*sorted(TRANSIENT_STATUSES), 400, 401, 403, 404, 409, 410, 422, 501])
def test_each_status(status: int, what: Call[ChatResponse]) -> None:
    """What may pass is tried again, as often as it may be; what will not is final, and what must not arrive twice."""
    server = FlowServer(whole=[Turn(status=status)] * 9)
    run = call(FlowSimulation(server, random=0.0, retry_max_elapsed=None), what, max_retries=3)
    assert isinstance(run.error, APIStatusError)
    assert (run.error.status_code, run.error.attempts) == (status, len(server.asked))
    assert len(server.asked) == (4 if status in TRANSIENT_STATUSES and what is not SEARCH else 1)


#: What will be the same the next time: the limit that the caller has set, and what is a matter of configuration.
_LASTING = {
    FailureKind.TIMEOUT,
    FailureKind.NO_FREE_CONNECTION,
    FailureKind.TLS,
    FailureKind.PROXY_DENIED,
    FailureKind.PROTOCOL,
}


@pytest.mark.parametrize("what", [ASK, GET, SEARCH], ids=["keyed", "safe", "neither"])
@pytest.mark.parametrize("kind", FailureKind, ids=lambda kind: kind.name)
def test_each_failure(kind: FailureKind, what: Call[ChatResponse]) -> None:
    """The same; what must not arrive twice is sent again only where it cannot have arrived."""
    server = FlowServer(whole=[Turn(failure=kind)] * 9)
    run = call(FlowSimulation(server, random=0.0, retry_max_elapsed=None), what, max_retries=3)
    assert isinstance(run.error, GPOConnectionError)
    may_have_arrived = kind in (FailureKind.RESET, FailureKind.CUT)
    assert len(server.asked) == (1 if kind in _LASTING or (what is SEARCH and may_have_arrived) else 4)


def test_how_long_it_is_tried() -> None:
    """No try begins later than retry_max_elapsed after the call did."""
    simulation = FlowSimulation(FlowServer(whole=[Turn(status=503, latency=40.0)] * 9), random=1.0)
    run = call(simulation, ASK, max_retries=9)
    assert [asked.at for asked in simulation.server.asked] == [0.0, 40.5, 81.5]
    assert run.elapsed == 121.5


@THOROUGHLY
@given(turn=st.one_of(BODIES, REFUSALS), pause=st.sampled_from([0.0, 0.5, 3.0]))
def test_each_try_keeps_the_timeout(turn: Turn, pause: float) -> None:
    """From the request to the last byte of the body, however it drips."""
    simulation = FlowSimulation(FlowServer(whole=[attrs.evolve(turn, sizes=(3,), pause=pause)]))
    run = call(simulation, ASK, timeout=7.0, max_retries=0)
    assert run.elapsed <= 7.0


def test_each_try_has_a_timeout_of_its_own() -> None:
    """What the tries before it took does not count."""
    turns = [Turn(status=503, latency=5.0), Turn(latency=5.0)]
    run = call(FlowSimulation(FlowServer(whole=turns), random=0.0), ASK, timeout=7.0)
    assert (run.error, run.elapsed) == (None, 10.0)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("asked", "waits"), [(30, [30.0]), (31, [])])
def test_how_long_a_service_may_ask_to_wait(status: int, asked: int, waits: list[float]) -> None:
    """As long as retry_max_delay, just so; a call that is to wait for longer ends at once."""
    simulation = FlowSimulation(FlowServer(whole=[Turn(status=status, retry_after=asked)]), random=0.0)
    run = call(simulation, ASK)
    assert (run.sleeps, run.elapsed, run.error is None) == (waits, sum(waits), bool(waits))


def test_silence_lasts_exactly_as_long_as_the_timeout() -> None:
    """A call waits as long as it was told to, and once."""
    run = call(FlowSimulation(FlowServer(whole=[Turn(latency=3.0, keep=9, stop=Stop.STALL)])), ASK, timeout=7.0)
    assert (type(run.error), run.elapsed) == (GPOTimeoutError, 7.0)


@pytest.mark.parametrize(("options", "seconds", "is_named"), [({}, 4.0, True), ({"timeout": 3.0}, 3.0, False)])
def test_a_connection_is_waited_for_exactly_as_long_as_connect_timeout(
    options: Any, seconds: float, *, is_named: bool
) -> None:
    """Each try has its own, and the error names the setting, unless the call has less time."""
    simulation = FlowSimulation(FlowServer(whole=[Turn(connect=60.0)] * 3), random=0.0, connect_timeout=4.0)
    run = call(simulation, SEARCH, **options)
    assert (type(run.error), run.elapsed) == (GPOTimeoutError, 3 * seconds)
    assert ("(connect_timeout)" in str(run.error)) == is_named


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_compressed_nothings_do_not_outlive_the_timeout(encoding: str) -> None:
    """Bytes that open to nothing are not what a call waits for (RFC 1952 §2.2: members may be empty)."""
    import zlib

    empty = gzip.compress(b"") * 50 if encoding == "gzip" else zlib.compress(b"x" * 9)[:-1]
    turn = Turn(fields={"content-encoding": encoding}, body=empty, sizes=(1,), pause=1.0, stop=Stop.STALL)
    run = call(FlowSimulation(FlowServer(whole=[turn])), ASK, timeout=9.0)
    assert (type(run.error), run.elapsed) == (GPOTimeoutError, 9.0)


def test_nothings_that_are_there_already_do_not_outlive_the_timeout() -> None:
    """What need not be waited for comes however short the wait: the clock is looked at besides."""
    now = itertools.count()
    flow = read_whole(Body(Opened(200, {"content-encoding": "gzip"})), 100, Deadline(lambda: float(next(now)), 9.0))
    with pytest.raises(StopIteration) as stop:
        _feed(flow, gzip.compress(b""), times=20)
    assert stop.value.value.kind is FailureKind.TIMEOUT


def _feed(flow: Flow[Any], data: bytes, times: int) -> None:
    next(flow)
    for _ in range(times):
        flow.send(data)
