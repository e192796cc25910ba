"""The seam: who is told what, when, how often, and what observers cannot do."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import InvalidArgumentError, StreamedResponse, SyncGPOCoreClient
from gpo_client.observers import CallObserver, CallResult, Observer, RetryDetails
from tests.client.conftest import Connect, Serve
from tests.contract.calls import CALLS, World
from tests.support.contract import openapi
from tests.support.events import answer_events, chat_response, json_answer, problem_answer, stream_answer
from tests.support.flow_checks import AMPLE, streaming
from tests.support.flow_script import Turn
from tests.support.flow_server import FlowServer
from tests.support.flow_simulation import FlowSimulation
from tests.support.flow_strategies import ANSWERS, CHANCES, SCHEDULES, THOROUGHLY
from tests.support.observing import Recorder
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import End

_EVENTS = answer_events("Mexico ", "taxes ")
_AT_ONCE: dict[str, Any] = {"retry_backoff_factor": 0.0}


async def test_news_of_a_stream(connect: Connect, serve: Serve) -> None:
    """Everything in its order, with what it was about."""
    server = serve(problem_answer(503), stream_answer(*_EVENTS[:1], end=End.RESET), stream_answer(*_EVENTS[1:]))
    recorder = Recorder()
    async with connect(base_url=server.base_url, observers=[recorder], **_AT_ONCE) as client:
        answer = await client.chat_stream({**_context(), "conversation_id": "conv_01"}, QUESTION).collect()
    (seen,) = recorder.calls
    attempt = ["attempt_started", "attempt_ended"]
    assert seen.names == [*attempt, "retrying", *attempt, "first_chunk", "resuming", *attempt, "call_ended"]
    call = seen.call
    assert (call.operation, call.method, call.path, call.path_template) == ("chat", "POST", "/api/Chat", "/api/Chat")
    assert (call.base_url, call.is_stream, call.conversation_id) == (server.base_url, True, "conv_01")
    assert call.question == "What is RESICO?"
    assert "RESICO" not in repr(call)
    assert call.request_id == server.requests[0].headers["x-request-id"]
    assert seen.of("attempt_started") == [1, 2, 3]
    attempts = seen.of("attempt_ended")
    assert [(each.number, each.status_code, each.failure) for each in attempts] == [
        (1, 503, None),
        (2, 200, None),
        (3, 200, None),
    ]
    (resume,) = seen.of("resuming")
    assert (resume.resume_count, resume.chunk_count, resume.last_event_id) == (1, 1, "msg_01:1")
    (result,) = seen.results
    assert (result.outcome, result.error, result.attempts, result.resume_count) == ("complete", None, 3, 1)
    assert (result.chunk_count, result.message_id, result.model) == (3, "msg_01", "test-model")
    assert isinstance(result.answer, StreamedResponse)
    assert result.answer.content == answer.content == "Mexico taxes "
    assert "Mexico" not in repr(result)


def _context() -> dict[str, Any]:
    return {"session_id": CONTEXT.session_id, "token": CONTEXT.token}


async def test_a_whole_answer_in_one_read(connect_once: Connect, serve: Serve) -> None:
    """The first chunk is told of, though the last one has come with it."""
    server = serve(stream_answer(b"".join(_EVENTS)))
    recorder = Recorder()
    async with connect_once(base_url=server.base_url, observers=[recorder]) as client:
        await client.chat_stream(CONTEXT, QUESTION).collect()
    assert recorder.calls[0].names == ["attempt_started", "attempt_ended", "first_chunk", "call_ended"]


def test_path_templates_are_those_of_the_contract(sandbox: Any) -> None:
    """Every operation names its path as the OpenAPI document does."""
    document = openapi()
    contract = {
        one["operationId"]: (path, method.upper())
        for path, item in document["paths"].items()
        for method, one in item.items()
        if isinstance(one, dict) and "operationId" in one
    }
    user: dict[str, Any] = {"instance_id": "advisory-001", "user_id": "observed"}
    recorder = Recorder()
    with SyncGPOCoreClient(base_url=sandbox.base_url, observers=[recorder]) as client:
        for operation in CALLS:
            handle = client.open_conversation(user)
            message = handle.ask("What is IVA?").message_id
            CALLS[operation].good(client, World(handle.context, message, user))
    told = {seen.call.operation: (seen.call.path_template, seen.call.method) for seen in recorder.calls}
    assert told == contract
    assert not any("?" in seen.call.path for seen in recorder.calls)


@THOROUGHLY
@given(
    answers=st.lists(ANSWERS, min_size=1, max_size=3),
    turns=SCHEDULES,
    random=CHANCES,
    fallback=st.booleans(),
    leave_after=st.one_of(st.just(5_000), st.integers(0, 12)),
)
def test_whatever_happens(
    answers: Sequence[Sequence[str]], turns: Sequence[Turn], random: float, fallback: bool, leave_after: int
) -> None:
    """Under any schedule of faults, left at any moment: one beginning, one end, and counts that agree."""
    recorder = Recorder()
    server = FlowServer(*answers, stream=turns)
    simulation = FlowSimulation(server, random=random, observers=[recorder], **AMPLE)
    flow, record = streaming(simulation, fallback=fallback)
    run = simulation.run(flow, leave_after=leave_after)
    assert [len(seen.results) for seen in recorder.calls] == [1] * len(recorder.calls)
    assert [seen.names[-1] for seen in recorder.calls] == ["call_ended"] * len(recorder.calls)
    assert sum(seen.names.count("attempt_started") for seen in recorder.calls) == len(server.asked)
    if not recorder.calls:
        assert leave_after == 0
        return
    stream, *inner = recorder.calls
    assert [seen.parent for seen in inner] == [stream] * len(inner)
    (result,) = stream.results
    assert len(stream.of("retrying")) + len(stream.of("resuming")) <= len(simulation.retries) + len(simulation.resumes)
    assert (result.chunk_count, result.resume_count) == (record.chunk_count, record.resume_count)
    assert len(stream.of("first_chunk")) == (result.chunk_count > 0 and result.time_to_first_chunk is not None)
    seen_whole = len(run.effects) < leave_after or any(chunk.is_complete for chunk in run.chunks)
    expected = "failed" if run.error is not None else "complete" if seen_whole else "cancelled"
    assert (result.outcome, result.error) == (expected, run.error)


class _Broken(Observer):
    """Fails where it is told to.

    Args:
        where: The name of the method.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self.told = 0

    @property
    def is_active(self) -> bool:
        """Always, or not to be found out."""
        if self.where == "is_active":
            raise LookupError("mine")
        return True

    def call_started(self, call: Any, parent: Any) -> CallObserver:
        if self.where == "call_started":
            raise LookupError("mine")
        return _BrokenCall(self)


class _BrokenCall(CallObserver):
    def __init__(self, broken: _Broken) -> None:
        self._broken = broken

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            return super().__getattribute__(name)
        self._broken.told += 1
        if name == self._broken.where:
            raise LookupError("mine")
        return lambda *_: {"bad header": "\n"} if self._broken.where == "headers" else {}


_METHODS = ["attempt_started", "request_headers", "attempt_ended", "retrying", "resuming", "first_chunk", "call_ended"]


@pytest.mark.parametrize("where", ["is_active", "call_started", "headers", *_METHODS])
async def test_an_observer_that_fails(
    where: str, connect: Connect, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """The call goes on, the other observers too; what went wrong is logged once."""
    server = serve(problem_answer(503), stream_answer(*_EVENTS[:1], end=End.RESET), stream_answer(*_EVENTS[1:]))
    broken, recorder = _Broken(where), Recorder()
    async with connect(base_url=server.base_url, observers=[broken, recorder], **_AT_ONCE) as client:
        answer = await client.chat_stream(CONTEXT, QUESTION).collect()
    assert answer.content == "Mexico taxes "
    assert recorder.calls[0].results[0].outcome == "complete"
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [(record.name, record.args) for record in errors] == [("gpo_client.observers", ("_Broken",))]
    assert errors[0].exc_info is not None


async def test_what_callbacks_raise_still_ends_the_call(connect: Connect, serve: Serve) -> None:
    """And observers are told so."""

    def stop(_: RetryDetails) -> None:
        raise KeyError("enough")

    server = serve(problem_answer(500))
    recorder = Recorder()
    async with connect(base_url=server.base_url, observers=[recorder], on_retry=stop) as client:
        with pytest.raises(KeyError, match="enough"):
            await client.chat(CONTEXT, QUESTION)
    (seen,) = recorder.calls
    assert seen.names[-2:] == ["retrying", "call_ended"]
    assert (seen.results[0].outcome, type(seen.results[0].error)) == ("failed", KeyError)


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({"X-Mine": "1"}, {"x-mine": "1"}),
        ({"AUTHORIZATION": "Bearer other", "user-agent": "other"}, {"authorization": "Bearer t0k3n"}),
        ({"X-Users": "observer"}, {"x-users": "user"}),
    ],
)
async def test_header_fields(
    headers: Mapping[str, str], sent: Mapping[str, str], connect_once: Connect, serve: Serve
) -> None:
    """An observer may add some; the library's own and the user's win, in whatever case they are written."""
    server = serve(json_answer(chat_response()))
    async with connect_once(base_url=server.base_url, observers=[Recorder(headers)]) as client:
        await client.chat(CONTEXT, QUESTION, headers={"X-Users": "user"})
    received = server.requests[0].headers
    assert sent.items() <= received.items()
    assert received["user-agent"].startswith("gpo-client/")


async def test_copies_of_a_client_are_observed(connect_once: Connect, serve: Serve) -> None:
    """``with_options`` keeps the observers."""
    server = serve(json_answer(chat_response()))
    recorder = Recorder()
    async with connect_once(base_url=server.base_url, observers=[recorder]) as client:
        await client.with_options(timeout=5).chat(CONTEXT, QUESTION)
    assert len(recorder.calls) == 1


class _Idle(Recorder):
    @property
    def is_active(self) -> bool:
        """Not now."""
        return False


async def test_an_observer_that_is_not_active(connect_once: Connect, serve: Serve) -> None:
    """It is not told."""
    server = serve(json_answer(chat_response()))
    idle = _Idle()
    async with connect_once(base_url=server.base_url, observers=[idle]) as client:
        await client.chat(CONTEXT, QUESTION)
    assert idle.calls == []


@pytest.mark.parametrize("wrong", [5, [Recorder], [print], "observer"])
def test_what_is_no_observer(wrong: Any, connect: Connect) -> None:
    """Refused when the client is made, not when the first call is."""
    with pytest.raises(InvalidArgumentError, match="observers") as caught:
        connect(observers=wrong)
    assert caught.value.field == "observers"


def test_the_base_classes_do_nothing() -> None:
    """Whoever derives from them overrides what is of interest."""
    observer, call = Observer(), CallObserver()
    assert observer.is_active
    assert observer.call_started(None, None) is None  # type: ignore[arg-type]
    assert call.request_headers() == {}
    result = CallResult(outcome="complete", elapsed=1.0, attempts=1)
    for method in _METHODS[2:]:
        assert getattr(call, method)(result) is None
