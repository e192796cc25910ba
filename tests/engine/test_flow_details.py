"""What callbacks and errors tell of calls and streams: every field, to the word."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client.exceptions import APIStatusError, StreamError, StreamInterruptedError
from gpo_client.flows.call import call_flow
from gpo_client.flows.effects import FailureKind
from gpo_client.flows.observers import ResumeDetails, RetryDetails
from gpo_client.models.stream import StreamingChunk
from gpo_client.operations import chat
from tests.support.flow_checks import stream
from tests.support.flow_run import Run
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import FlowServer
from tests.support.flow_world import FlowWorld
from tests.support.question import CONTEXT, QUESTION

_BASE = "https://gpo.example.com"
_NAMED = {"x-request-id": "theirs"}
_CUT = "the stream was cut short after 0 chunks (0 characters): connection closed before the response was complete"
_ONCE: dict[str, Any] = {"max_retries": 0, "max_resumes": 0}


def _world(*turns: Turn, whole: tuple[Turn, ...] = (), **settings: Any) -> FlowWorld:
    return FlowWorld(FlowServer(stream=turns, whole=whole), base_url=_BASE, **settings)


def test_a_resume() -> None:
    """Which it is, when it comes, and why; of the connection that broke."""
    world = _world(Turn(events=1, latency=2.0, stop=Stop.RESET, fields=_NAMED), Turn(status=503, retry_after=3))
    assert stream(world).error is None
    first, second = world.resumes
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
    world = _world(whole=(turn,))
    assert world.run(call_flow(world.runtime, chat.chat(CONTEXT, QUESTION), {})).error is None
    request_id = "theirs" if turn.fields else "id-1"
    assert world.retries == [
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
        stream(_world(*turns, max_resumes=1)),
        "the stream was cut short after 2 chunks (20 characters), continued 1 times:"
        f" no response from {_BASE}: connection reset by the server",
        last_event_id="msg_01:2",
        request_id="theirs",
        attempts=2,
        elapsed=3.25,
    )
    _interrupted(
        stream(_world(Turn(events=0, latency=2.0), **_ONCE)),
        _CUT,
        last_event_id=None,
        request_id="id-1",
        attempts=1,
        elapsed=2.0,
    )


_HTML = {"content-type": "text/html"}
_JSON = {"content-type": "application/json"}
_ASKED = f"a stream was asked for, but {_BASE} answered with 200 and"
_REFUSED = "the server ended the stream with an error: busy"


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        (Turn(fields=_HTML, body=b"<p>"), f"{_ASKED} text/html"),
        (Turn(fields=_JSON, body=b"[]"), f"{_ASKED} application/json; ask with chat() for a whole answer"),
        (Turn(fields=_JSON, body=b'{"error": "busy"}'), f"{_ASKED} application/json: busy"),
        (Turn(fields={"content-type": ""}, body=b"<p>"), f"{_ASKED} no content type, beginning with '<p>'"),
        (Turn(body=b'data: {"error": "busy"}\n\n'), _REFUSED),
        (Turn(body=b"event: error\ndata: busy\n\n"), _REFUSED),
        (
            Turn(body=b": " + b"x" * 1100),
            "the server sent an event of more than 1024 bytes; raise max_event_bytes if it is to be expected",
        ),
        (
            Turn(body=b": beat\n\n" * 700),
            "the stream is longer than max_stream_bytes (5000); raise that if it is to be expected",
        ),
        (
            Turn(fields={"content-encoding": "br"}),
            "the body is encoded with 'br', which was not asked for",
        ),
        (
            Turn(body=b'event: delta\ndata: {"x": 1}\n\n'),
            f"{_CUT}; events of the name 'delta' were ignored",
        ),
    ],
)
def test_a_stream_that_is_none(turn: Turn, message: str) -> None:
    """What came in its place, and what can be done about it."""
    run = stream(_world(turn, max_event_bytes=1024, max_stream_bytes=5000, **_ONCE))
    assert run.error is not None
    assert run.error.message == message
    assert (run.error.attempts, run.error.request_id) == (1, "id-1")


def test_a_fallback() -> None:
    """The rest of the text in one chunk, and of which answer it is."""
    run = stream(_world(Turn(events=1), **_ONCE), fallback=True)
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
    run = stream(FlowWorld(server, **_ONCE), fallback=True)
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
    run = stream(_world(Turn(events=1), whole=(Turn(status=403, code="no"),), **_ONCE), fallback=True)
    assert isinstance(run.error, StreamInterruptedError)
    assert run.error.__notes__ == ["the fallback to a whole answer failed too: 403 Forbidden: detail of no"]
    assert isinstance(run.error.__cause__, APIStatusError)
