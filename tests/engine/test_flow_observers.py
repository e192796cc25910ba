"""What observers are told of calls and streams: every field, to the word."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from gpo_client.exceptions import InvalidArgumentError, StreamError
from gpo_client.flows.call import call_flow
from gpo_client.flows.effects import FailureKind, Flow, Sleep
from gpo_client.flows.observers import (
    AttemptDetails,
    CallDetails,
    CallObserver,
    CallObservers,
    CallResult,
    Observer,
    checked_observers,
)
from gpo_client.operations import chat
from tests.support.events import chunk, sse
from tests.support.flow_checks import stream, streaming
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import FlowServer
from tests.support.flow_simulation import FlowSimulation
from tests.support.observing import Recorder
from tests.support.question import CONTEXT, QUESTION

_BASE = "https://gpo.example.com"
_NAMED = {"x-request-id": "theirs"}
_ONCE: dict[str, Any] = {"max_retries": 0, "max_resumes": 0}


def _simulation(*turns: Turn, whole: tuple[Turn, ...] = (), **settings: Any) -> FlowSimulation:
    return FlowSimulation(FlowServer(stream=turns, whole=whole), base_url=_BASE, **settings)


def _started(simulation: FlowSimulation, begin: Callable[[], Flow[Any]]) -> Flow[Any]:
    """A flow that is made when its time has come: calls count from when they are made."""
    yield from Sleep(0.0)
    assert simulation.now == 5.0
    return (yield from begin())


@pytest.mark.parametrize("events", [0, 1])
def test_what_observers_are_told_of_a_fallback(events: int) -> None:
    """The first chunk once, wherever it comes from; and that the stream is whole after all."""
    recorder = Recorder()
    stream(_simulation(Turn(events=events), observers=[recorder], **_ONCE), fallback=True)
    assert [seen.parent for seen in recorder.calls] == [None, recorder.calls[0]]
    assert recorder.calls[0].names.count("first_chunk") == 1
    assert [result.outcome for result in recorder.calls[0].results] == ["complete"]


def test_what_observers_are_told_of_a_call() -> None:
    """Every field of every piece of news."""
    recorder = Recorder()
    turns = (
        Turn(status=503, latency=2.0, fields=_NAMED),
        Turn(failure=FailureKind.RESET, latency=1.0),
        Turn(latency=3.0),
    )
    simulation = _simulation(whole=turns, observers=[recorder], random=0.0)
    asked = chat.chat(attrs.evolve(CONTEXT, conversation_id="conv_01"), QUESTION)
    # Not at zero, lest it makes no difference from what on time is counted.
    answer = simulation.run_all([(5.0, _started(simulation, lambda: call_flow(simulation.runtime, asked, {})))])[
        0
    ].result
    (seen,) = recorder.calls
    assert seen.call == CallDetails(
        operation="chat",
        method="POST",
        base_url=_BASE,
        path="/api/Chat",
        path_template="/api/Chat",
        is_stream=False,
        request_id="id-1",
        conversation_id="conv_01",
        question=QUESTION["query"],
    )
    lost = "connection reset by the server"
    assert seen.of("attempt_started") == [1, 2, 3]
    assert seen.of("attempt_ended") == [
        AttemptDetails(number=1, duration=2.0, status_code=503, failure=None, request_id="theirs"),
        AttemptDetails(number=2, duration=1.0, status_code=None, failure=lost, request_id="id-1"),
        AttemptDetails(number=3, duration=3.0, status_code=200, failure=None, request_id="id-1"),
    ]
    assert seen.of("retrying") == simulation.retries
    assert [told.elapsed for told in simulation.retries] == [2.0, 3.0]
    assert seen.results == [
        CallResult(outcome="complete", elapsed=6.0, attempts=3, message_id="msg_01", model="test-model", answer=answer)
    ]


def test_what_observers_are_told_of_a_stream() -> None:
    """The same, and how far it came."""
    recorder = Recorder()
    stream(_simulation(observers=[recorder]))
    assert recorder.calls.pop().results[0].outcome == "complete"
    turns = (Turn(events=1, latency=2.0, stop=Stop.RESET, fields=_NAMED), Turn(status=403, latency=1.0, code="no"))
    simulation = _simulation(*turns, observers=[recorder], random=0.0)
    run = simulation.run_all([(5.0, _started(simulation, lambda: streaming(simulation)[0]))])[0]
    assert isinstance(run.error, StreamError)
    assert run.error.partial.response_headers["x-request-id"] == "theirs"
    (seen,) = recorder.calls
    assert (seen.call.is_stream, seen.of("first_chunk")) == (True, [2.0])
    assert len(simulation.resumes) == 1
    assert seen.of("resuming") == simulation.resumes
    assert seen.results == [
        CallResult(
            outcome="failed",
            elapsed=3.0,
            attempts=2,
            error=run.error,
            chunk_count=1,
            resume_count=1,
            time_to_first_chunk=2.0,
            message_id="msg_01",
            answer=run.error.partial,
        )
    ]


@pytest.mark.parametrize(
    ("given", "told", "model"),
    [
        ("a.b:c/@=+~-", "a.b:c/@=+~-", "a.b:c/@=+~-"),
        ("x" * 100, "x" * 100, "x" * 100),
        ("x" * 200, "x" * 200, "(not an id)"),
        ("x" * 201, "(not an id)", "(not an id)"),
        ("two (words)", "(not an id)", "two (words)"),
        ("t0k3n-1", "**********-1", "**********-1"),
    ],
)
def test_ids_that_observers_are_told(given: str, told: str, model: str) -> None:
    """Nothing else, wherever a server puts it: it may be what it was sent."""
    recorder = Recorder()
    fields = {"x-request-id": given}
    events = sse({**chunk("a"), "metadata": {"message_id": given, "model_used": given}}, id=given)
    turns = (Turn(status=503, fields=fields), Turn(body=events, fields=fields, stop=Stop.RESET))
    stream_of = _simulation(*turns, observers=[recorder], max_resumes=1)
    stream_of.run(streaming(stream_of)[0])
    (seen,) = recorder.calls
    (resume,) = seen.of("resuming")
    known = told if told != "(not an id)" else "id-1"  # what is known of an answer has no such id to begin with
    assert (resume.last_event_id, resume.request_id) == (told, known)
    assert {each.request_id for each in seen.of("attempt_ended")[:2]} == {told}
    assert [retry.request_id for retry in seen.of("retrying")] == [known]
    assert (seen.results[0].message_id, seen.results[0].model) == (told, model)


def test_a_stream_that_is_left() -> None:
    """It is cancelled, which is no failure."""
    recorder = Recorder()
    simulation = _simulation(observers=[recorder])
    simulation.run(streaming(simulation)[0], leave_after=2)
    (result,) = recorder.calls[0].results
    assert (result.outcome, result.error, result.attempts) == ("cancelled", None, 1)


@pytest.mark.parametrize("streams", [False, True])
def test_reasons_are_told_without_keys(streams: bool) -> None:
    """A service may quote what another call was sent, too."""
    body = json.dumps({"detail": "k3y-s3cr3t is busy"}).encode()
    turns = (Turn(events=1), Turn(status=503, body=body)) if streams else (Turn(status=503, body=body),)
    simulation = _simulation(*turns, whole=turns, api_key="k3y-s3cr3t", random=0.0)
    asked = chat.chat(CONTEXT, QUESTION)
    simulation.run(streaming(simulation)[0] if streams else call_flow(simulation.runtime, asked, {}))
    told = simulation.resumes if streams else simulation.retries
    assert told[-1].reason == "503 Service Unavailable: ********** is busy"


class _Broken(Observer):
    """Fails where it is told to."""

    def __init__(self, where: str) -> None:
        self.where = where

    @property
    def is_active(self) -> bool:
        return not self._fail("is_active")

    def call_started(self, call: Any, parent: Any) -> CallObserver:
        assert self.where != "is_active"
        self._fail("call_started")
        return _BrokenCall(self)

    def _fail(self, where: str) -> bool:
        if where == self.where:
            raise LookupError("mine")
        return False


class _BrokenCall(CallObserver):
    def __init__(self, broken: _Broken) -> None:
        self._broken = broken

    def attempt_started(self, number: int) -> None:
        self._broken._fail("attempt_started")

    def request_headers(self) -> dict[str, str]:
        self._broken._fail("request_headers")
        return {"X-Bad": "\n"} if self._broken.where == "headers" else {}


@pytest.mark.parametrize("where", ["is_active", "call_started", "attempt_started", "request_headers", "headers"])
def test_observers_that_fail(where: str, caplog: pytest.LogCaptureFixture) -> None:
    """They are told no more, which is logged once; the call and the others go on."""
    recorder = Recorder()
    simulation = _simulation(whole=(Turn(status=503),), observers=[_Broken(where), recorder], random=0.0)
    assert simulation.run(call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), {})).error is None
    assert recorder.calls[0].results[0].outcome == "complete"
    ((name, level, message),) = caplog.record_tuples
    assert (name, level) == ("gpo_client.observers", logging.ERROR)
    assert message == "_Broken failed and is told no more of this call"
    told = str((caplog.records[0].exc_info or (None, None))[1])
    assert told.startswith("_BrokenCall: the value of X-Bad must be" if where == "headers" else "mine")


class _Interrupted(Observer):
    def call_started(self, call: Any, parent: Any) -> CallObserver:
        raise KeyboardInterrupt


def test_interrupts_are_no_failures_of_observers() -> None:
    """Ctrl-C is the caller's, wherever it comes up."""
    simulation = _simulation(observers=[_Interrupted()])
    with pytest.raises(KeyboardInterrupt):
        simulation.run(call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), {}))


def test_who_is_told() -> None:
    """Nobody, before a call has begun and after it has ended."""
    observers, recorder = CallObservers(), Recorder()
    assert (bool(observers), observers.of(recorder)) == (False, None)
    observers.start([recorder], None, None)  # type: ignore[arg-type]
    assert (bool(observers), observers.of(recorder)) == (True, recorder.calls[0])
    observers.clear()
    assert (bool(observers), observers.of(recorder)) == (False, None)


@pytest.mark.parametrize("given", [5, [Recorder], [Recorder(), "observer"]], ids=repr)
def test_what_is_no_observer(given: Any) -> None:
    """A class of observers is none."""
    with pytest.raises(InvalidArgumentError) as caught:
        checked_observers(given)
    message = f"observers must be a list of observers, not {given!r}"
    if isinstance(given, list):
        message = f"observers: {given[-1]!r} is not a gpo_client.observers.Observer"
    assert (caught.value.field, caught.value.message) == ("observers", message)
    assert isinstance(caught.value.__cause__, TypeError) == (given == 5)
