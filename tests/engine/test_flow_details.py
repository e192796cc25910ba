"""What callbacks and errors tell of calls and streams: every field, to the word."""

from __future__ import annotations

import gzip
from typing import Any

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
from gpo_client.flows.observers import ResumeDetails, RetryDetails
from gpo_client.models.stream import StreamingChunk
from gpo_client.operations import chat
from gpo_client.operations.call import Request
from tests.support.events import chunk, final, sse
from tests.support.flow_checks import stream, streaming
from tests.support.flow_run import Run
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import FlowServer, Reply
from tests.support.flow_simulation import FlowSimulation
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
_BUSY = b'{"error": "busy"}'
_IGNORED = "events of the name 'delta' were ignored"
_REFUSED = "the server ended the stream with an error: busy"


@pytest.mark.parametrize(
    ("turn", "kind", "message"),
    [
        (Turn(fields=_HTML, body=b"<p>"), StreamProtocolError, f"{_ASKED} text/html"),
        (Turn(fields=_HTML, body=_BUSY), StreamProtocolError, f"{_ASKED} text/html"),
        (
            Turn(fields=_JSON, body=b"[]"),
            StreamProtocolError,
            f"{_ASKED} application/json; ask with chat() for a whole answer",
        ),
        *(
            (Turn(fields=_JSON, body=_BUSY.ljust(size)), StreamServerError, f"{_ASKED} application/json: busy")
            for size in (0, 64 * 1024)
        ),
        (
            Turn(fields=_JSON, body=_BUSY.ljust(64 * 1024 + 1)),
            StreamProtocolError,
            f"{_ASKED} application/json; ask with chat() for a whole answer",
        ),
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
