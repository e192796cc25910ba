"""What callbacks and errors tell of calls and streams: every field, to the word."""

from __future__ import annotations

import gzip
from typing import Any

import attrs
import pytest

from gpo_client.exceptions import (
    APIStatusError,
    GPOTimeoutError,
    StreamError,
    StreamInterruptedError,
    StreamLimitError,
    StreamProtocolError,
    StreamServerError,
    StreamTimeoutError,
)
from gpo_client.flows.call import call_flow
from gpo_client.flows.effects import FailureKind
from gpo_client.flows.observers import AttemptDetails, CallDetails, CallResult, ResumeDetails, RetryDetails
from gpo_client.models.stream import StreamingChunk
from gpo_client.operations import chat
from gpo_client.operations.call import Request
from tests.support.events import chunk, final, sse
from tests.support.flow_checks import stream, streaming
from tests.support.flow_run import Run
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import FlowServer, Reply
from tests.support.flow_simulation import FlowSimulation
from tests.support.observing import Recorder
from tests.support.question import CONTEXT, QUESTION

_BASE = "https://gpo.example.com"
_NAMED = {"x-request-id": "theirs"}
_CUT = "the stream was cut short after 0 chunks (0 characters): connection closed before the response was complete"
_ONCE: dict[str, Any] = {"max_retries": 0, "max_resumes": 0}


def _simulation(*turns: Turn, whole: tuple[Turn, ...] = (), **settings: Any) -> FlowSimulation:
    return FlowSimulation(FlowServer(stream=turns, whole=whole), base_url=_BASE, **settings)


def test_a_resume() -> None:
    """Which it is, when it comes, and why; of the connection that broke."""
    simulation = _simulation(
        Turn(events=1, latency=2.0, stop=Stop.RESET, fields=_NAMED), Turn(status=503, retry_after=3)
    )
    assert stream(simulation).error is None
    first, second = simulation.resumes
    assert first == ResumeDetails(
        last_event_id="msg_01:1",
        resume_count=1,
        delay=0.25,
        reason="connection reset by the server",
        chunk_count=1,
        request_id="theirs",
        elapsed=2.0,
    )
    assert (second.resume_count, second.delay, second.chunk_count, second.elapsed) == (2, 3.0, 1, 2.25)
    assert second.reason == "503 Service Unavailable: detail of unavailable"


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        (
            Turn(status=503, latency=2.0, fields=_NAMED),
            {"reason": "503 Service Unavailable: detail of unavailable", "status_code": 503},
        ),
        (
            Turn(failure=FailureKind.RESET, latency=2.0),
            {"reason": f"no response from {_BASE}: connection reset by the server", "status_code": None},
        ),
    ],
)
def test_a_retry(turn: Turn, told: dict[str, Any]) -> None:
    """Which request failed, how, and when the next one comes."""
    simulation = _simulation(whole=(turn,))
    assert simulation.run(call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), {})).error is None
    request_id = "theirs" if turn.fields else "id-1"
    assert simulation.retries == [
        RetryDetails(operation="chat", attempt=1, delay=0.25, request_id=request_id, elapsed=2.0, **told)
    ]


def _interrupted(run: Run, message: str, **fields: Any) -> None:
    error = run.error
    assert isinstance(error, StreamError)
    assert error.message == message
    known = {name: getattr(error, name) for name in ("last_event_id", "request_id", "attempts", "elapsed")}
    assert known == fields


def test_a_stream_that_broke() -> None:
    """How far it came, where it could go on, and after how many requests."""
    turns = (Turn(events=2, latency=2.0, fields=_NAMED), Turn(failure=FailureKind.RESET, latency=1.0))
    _interrupted(
        stream(_simulation(*turns, max_resumes=1)),
        "the stream was cut short after 2 chunks (20 characters), continued 1 times:"
        f" no response from {_BASE}: connection reset by the server",
        last_event_id="msg_01:2",
        request_id="theirs",
        attempts=2,
        elapsed=3.25,
    )
    _interrupted(
        stream(_simulation(Turn(events=0, latency=2.0), **_ONCE)),
        _CUT,
        last_event_id=None,
        request_id="id-1",
        attempts=1,
        elapsed=2.0,
    )


_HTML = {"content-type": "text/html"}
_JSON = {"content-type": "application/json"}
_ASKED = f"a stream was asked for, but {_BASE} answered with 200 and"
_GZIP = {"content-encoding": "gzip"}
_IGNORED = "events of the name 'delta' were ignored"
_REFUSED = "the server ended the stream with an error: busy"


@pytest.mark.parametrize(
    ("turn", "kind", "message"),
    [
        (Turn(fields=_HTML, body=b"<p>"), StreamProtocolError, f"{_ASKED} text/html"),
        (Turn(fields=_HTML, body=b'{"error": "busy"}'), StreamProtocolError, f"{_ASKED} text/html"),
        (
            Turn(fields=_JSON, body=b"[]"),
            StreamProtocolError,
            f"{_ASKED} application/json; ask with chat() for a whole answer",
        ),
        (Turn(fields=_JSON, body=b'{"error": "busy"}'), StreamServerError, f"{_ASKED} application/json: busy"),
        (
            Turn(fields={"content-type": ""}, body=b"<p>t0k3n"),
            StreamProtocolError,
            f"{_ASKED} no content type, beginning with '<p>**********'",
        ),
        (Turn(body=b'data: {"error": "busy"}\n\n'), StreamServerError, _REFUSED),
        (Turn(body=b"event: error\ndata: busy\n\n"), StreamServerError, _REFUSED),
        (
            Turn(body=b'data: {"content": 5}\n\n'),
            StreamProtocolError,
            "chunk is not what the contract says: Expected `str`, got `int` (5) - at `$.content`",
        ),
        (
            Turn(body=b": " + b"x" * 1100),
            StreamLimitError,
            "the server sent an event of more than 1024 bytes; raise max_event_bytes if it is to be expected",
        ),
        (
            Turn(body=b": beat\n\n" * 700),
            StreamLimitError,
            "the stream is longer than max_stream_bytes (5000); raise that if it is to be expected",
        ),
        (Turn(body=b'event: delta\ndata: {"x": 1}\n\n'), StreamInterruptedError, f"{_CUT}; {_IGNORED}"),
    ],
)
def test_a_stream_that_is_none(turn: Turn, kind: type[StreamError], message: str) -> None:
    """What came in its place, and what can be done about it."""
    error = stream(_simulation(turn, max_event_bytes=1024, max_stream_bytes=5000, **_ONCE)).error
    assert error is not None
    assert (type(error), error.message, error.__cause__) == (kind, message, None)
    assert error.status_code == (200 if message.startswith(_ASKED) else None)
    assert (error.attempts, error.request_id) == (1, "id-1")


def test_a_whole_answer_that_nobody_can_read() -> None:
    """It would be the same again."""
    simulation = _simulation(Turn(body=b'event: delta\ndata: {"x": 1}\n\n'))
    assert type(stream(simulation).error) is StreamInterruptedError
    assert len(simulation.server.asked) == 1


@pytest.mark.parametrize(
    ("turn", "kind", "message"),
    [
        (
            Turn(fields={"content-encoding": "br"}),
            StreamProtocolError,
            "the body is encoded with 'br', which was not asked for",
        ),
        (Turn(fields=_GZIP, body=b"plain"), StreamProtocolError, "the compressed body is damaged: "),
        (Turn(fields=_GZIP, body=gzip.compress(b"\n" * 2_000_000)), StreamLimitError, "grows to more than 200 times"),
    ],
)
def test_a_body_that_cannot_be_opened(turn: Turn, kind: type[StreamError], message: str) -> None:
    """The error is chained to what says so."""
    error = stream(_simulation(turn, **_ONCE)).error
    assert type(error) is kind
    assert message in error.message
    assert isinstance(error.__cause__, ValueError)


def test_a_connection_that_does_not_come_about() -> None:
    """As long as the stream has some of its time, the connection is what was too slow."""
    error = stream(_simulation(Turn(connect=60.0), connect_timeout=4.0, **_ONCE), timeout=4.5).error
    assert type(error) is StreamTimeoutError
    assert error.message.startswith(f"no response from {_BASE}: timeout while connecting (connect_timeout)")
    assert type(error.__cause__) is GPOTimeoutError


class _Words(FlowServer):
    """A service whose ids are words."""

    def reply(self, request: Request, turn: Turn, now: float) -> Reply:
        return Reply(turn, 200, {"content-type": "text/event-stream"}, turn.arrivals(turn.body or b""))


def test_a_connection_that_does_not_show_where_it_continues() -> None:
    """The next one is asked for from one event earlier."""
    events = [sse(chunk(text), id=name) for name, text in (("x", "a"), ("y", "b"), ("z", "c"))]
    rest = [*events[1:], sse(final(), id="end")]
    turns = [Turn(body=b"".join(events[:2])), Turn(body=events[2]), Turn(body=b"".join(rest))]
    simulation = FlowSimulation(_Words(stream=turns))
    run = simulation.run(streaming(simulation)[0])
    assert (run.text, run.error) == ("abc", None)
    assert [asked.header("Last-Event-ID") for asked in simulation.server.asked] == [None, "y", "x"]
    assert simulation.resumes[-1].reason == "event 'z' does not tell whether the server continues the answer"


def test_a_problem_of_the_service() -> None:
    """Its code, and its words without the token that it was sent."""
    body = b'event: error\ndata: {"code": "busy", "detail": "t0k3n has had enough"}\n\n'
    error = stream(_simulation(Turn(body=body), **_ONCE)).error
    assert isinstance(error, StreamServerError)
    assert (error.code, error.problem.detail) == ("busy", "********** has had enough")
    assert error.message == "the server ended the stream with an error: ********** has had enough"


@pytest.mark.parametrize("events", [0, 1])
def test_what_observers_are_told_of_a_fallback(events: int) -> None:
    """The first chunk once, wherever it comes from; and that the stream is whole after all."""
    recorder = Recorder()
    stream(_simulation(Turn(events=events), observers=[recorder], **_ONCE), fallback=True)
    assert [seen.parent for seen in recorder.calls] == [None, recorder.calls[0]]
    assert recorder.calls[0].names.count("first_chunk") == 1
    assert [result.outcome for result in recorder.calls[0].results] == ["complete"]


def test_a_fallback() -> None:
    """The rest of the text in one chunk, and of which answer it is."""
    run = stream(_simulation(Turn(events=1), **_ONCE), fallback=True)
    assert run.chunks[-1] == StreamingChunk(
        content="income.",
        sources=[],
        is_complete=True,
        metadata={"fallback": True, "message_id": "msg_01", "model_used": "test-model", "response_time_ms": 12},
    )


def test_a_fallback_to_another_answer() -> None:
    """Both are told."""
    server = FlowServer(["Mexico ", "taxes."], ["Elsewhere."], stream=[Turn(events=1, latency=2.0, fields=_NAMED)])
    server._turns["whole"].append(Turn(restart=True))
    run = stream(FlowSimulation(server, **_ONCE), fallback=True)
    _interrupted(
        run,
        "the stream was cut short, and the whole answer is not the one that had begun: compare partial.content with"
        " fallback_response.message_content",
        last_event_id="msg_01:1",
        request_id="theirs",
        attempts=1,
        elapsed=2.0,
    )
    assert isinstance(run.error, StreamInterruptedError)
    assert isinstance(run.error.__cause__, StreamInterruptedError)


def test_a_fallback_that_fails() -> None:
    """It is a note of the stream's own error."""
    run = stream(_simulation(Turn(events=1), whole=(Turn(status=503, code="no"),), **_ONCE), fallback=True)
    assert isinstance(run.error, StreamInterruptedError)
    assert run.error.__notes__ == ["the fallback to a whole answer failed too: 503 Service Unavailable: detail of no"]
    assert isinstance(run.error.__cause__, APIStatusError)


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
    answer = simulation.run(call_flow(simulation.runtime, asked, {})).result
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
    run = stream(simulation)
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
    ("given", "told"),
    [
        ("a.b:c/@=+~-", "a.b:c/@=+~-"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "(not an id)"),
        ("two words", "(not an id)"),
        ("t0k3n-1", "**********-1"),
    ],
)
def test_ids_that_observers_are_told(given: str, told: str) -> None:
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
    assert seen.results[0].message_id == told
