"""What a client logs, and what ``trace_requests`` shows."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from typing import Any

import pytest

from gpo_client import NotFoundError
from tests.client.conftest import Connect, Serve
from tests.support.events import answer_events, chat_response, json_answer, problem_answer, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import End

_EVENTS = answer_events("Mexico ", "taxes ")
_AT_ONCE: dict[str, Any] = {"retry_backoff_factor": 0.0}
_REQUEST = r"request [0-9a-f-]{36}"
_LINES = [
    rf"POST /api/Chat \(chat\): sent, attempt 1, {_REQUEST}",
    r"POST /api/Chat \(chat\): 503 after \d\.\d{3} s, attempt 1, request req_header",
    r"retrying chat in 0\.000 s: attempt 1, request req_header, 503",
    rf"POST /api/Chat \(chat\): sent, attempt 2, {_REQUEST}",
    rf"POST /api/Chat \(chat\): 200 after \d\.\d{{3}} s, attempt 2, {_REQUEST}",
    rf"POST /api/Chat \(chat\): first chunk after \d\.\d{{3}} s, {_REQUEST}",
    rf"resuming a stream in 0\.000 s: resume 1, after event msg_01:1, {_REQUEST}",
    rf"POST /api/Chat \(chat\): sent, attempt 3, {_REQUEST}",
    rf"POST /api/Chat \(chat\): 200 after \d\.\d{{3}} s, attempt 3, {_REQUEST}",
    rf"POST /api/Chat \(chat\): complete after \d\.\d{{3}} s, attempt 3, 3 chunks, 1 resumes, {_REQUEST}",
]


@pytest.mark.parametrize("trace", [True, False])
async def test_lines(trace: bool, connect: Connect, serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """Method, path, status, times and ids: for debugging, or because the user has asked for them."""
    caplog.set_level(logging.DEBUG, logger="gpo_client")
    server = serve(problem_answer(503), stream_answer(*_EVENTS[:1], end=End.RESET), stream_answer(*_EVENTS[1:]))
    async with connect(base_url=server.base_url, trace_requests=trace, **_AT_ONCE) as client:
        await client.chat_stream(CONTEXT, QUESTION).collect()
    records = [record for record in caplog.records if record.name.startswith("gpo_client")]
    for record, line in zip(records, _LINES, strict=True):
        assert re.fullmatch(line, record.getMessage())
    assert {record.name for record in records} == {"gpo_client.trace" if trace else "gpo_client.calls"}
    quiet = {record.levelname for record in records if not record.getMessage().startswith("re")}
    assert quiet == {"INFO" if trace else "DEBUG"}
    assert {record.levelname for record in records} == {"INFO"} | quiet


async def test_failures(connect_once: Connect, serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """The class of an error, not its message, which may quote the service."""
    caplog.set_level(logging.DEBUG, logger="gpo_client")
    # Twice: a connection that lay idle and dies unheard is replaced at once.
    server = serve(problem_answer(404, "not_found"), *[stream_answer(end=End.RESET, framing="raw")] * 2)
    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(NotFoundError):
            await client.list_messages(CONTEXT, "conv_01")
        with pytest.raises(ConnectionError):
            await client.chat(CONTEXT, QUESTION)
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert "GET /api/Chat/conv_01/message (listMessages): failed (NotFoundError) after" in text
    assert "no answer, connection reset by the server, after" in text
    assert "page=" not in text
    assert "detail of" not in text


async def test_nothing_is_put_together_for_nobody(
    connect_once: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a log at INFO no call is described."""
    from gpo_client.flows import call_reporter

    def fail(**_: Any) -> None:
        raise AssertionError("a call was described")

    monkeypatch.setattr(call_reporter, "CallDetails", fail)
    async with connect_once(base_url=serve(json_answer(chat_response())).base_url) as client:
        await client.chat(CONTEXT, QUESTION)


_PROGRAM = """
import logging, sys
from gpo_client import SyncGPOCoreClient
{before}
with SyncGPOCoreClient() as client:
    {after}
    client.session({{"instance_id": "advisory-001", "user_id": "user-1"}})
"""


def _errors_of(sandbox: Any, before: str = "", after: str = "", **environment: str) -> list[str]:
    """What a program writes to standard error."""
    program = _PROGRAM.format(before=before, after=after or "pass")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"GPO_API_BASE_URL": sandbox.base_url, **environment},
    )
    return done.stderr.splitlines()


_ON = {"GPO_API_TRACE_REQUESTS": "true"}


def test_trace_requests_is_seen_without_any_logging(sandbox: Any) -> None:
    """Who switches it on in the environment sees lines, at once."""
    lines = _errors_of(sandbox, **_ON)
    assert [re.sub(r".*\): |,.*| after.*", "", line) for line in lines] == ["sent", "200", "complete"]
    assert all("gpo_client.trace: POST /api/User/session (createSession): " in line for line in lines)


def test_nothing_is_written_unasked(sandbox: Any) -> None:
    """Not a line."""
    assert _errors_of(sandbox) == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_trace_requests_with_logging(moment: str, sandbox: Any) -> None:
    """A program that shows its log shows the lines there, each once, whatever level it is at."""
    setup = {moment: "logging.basicConfig(format='mine %(message)s')"}
    lines = _errors_of(sandbox, **setup, **_ON)
    assert [line.startswith("mine POST") for line in lines] == [True] * 3


def test_other_clients_stay_quiet(sandbox: Any) -> None:
    """Tracing one client does not trace another."""
    assert _errors_of(sandbox, "SyncGPOCoreClient(trace_requests=True).close()") == []


def test_without_standard_error(sandbox: Any) -> None:
    """A program without one (a windowed one) goes on."""
    assert _errors_of(sandbox, "sys.stderr = None", **_ON) == []
