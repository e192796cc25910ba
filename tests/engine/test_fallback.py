"""When a stream is lost for good: the whole answer instead."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client import StreamInterruptedError, StreamServerError, StreamTimeoutError
from tests.client.conftest import Serve
from tests.client.outcomes import Connect, outcome_of
from tests.support.events import source, sse, stream_answer
from tests.support.question import CONTEXT, EVENTS, QUESTION, TEXTS, WHOLE, cut, problem, whole_answer
from tests.support.wire_script import Answer, End

NO_RESUMES: dict[str, Any] = {"retry_backoff_factor": 0.0, "max_resumes": 0}

LOST = [
    *(cut(count) for count in range(4)),
    cut(2, End.RESET),
    Answer(headers={"Content-Type": "text/html"}, pieces=(b"<p>a proxy that does not know streams</p>",)),
]


@pytest.mark.parametrize("lost", LOST, ids=lambda answer: f"{len(answer.pieces)} pieces, {answer.end.name}")
async def test_fallback_delivers_what_is_missing(lost: Answer, connect: Connect, serve: Serve) -> None:
    """The rest of the answer comes as one last chunk, with the sources."""
    server = serve(lost, whole_answer(sources=[source("src_09")]))
    async with connect(base_url=server.base_url, **NO_RESUMES) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION, fallback=True))
    last = outcome.chunks[-1]
    assert (outcome.text, outcome.error) == (WHOLE, None)
    assert last.is_complete
    assert (last.metadata or {})["fallback"] is True
    assert [cited.id for cited in last.sources or []] == ["src_09"]
    streamed, whole = server.requests
    assert streamed.headers["idempotency-key"] == whole.headers["idempotency-key"]
    assert {**streamed.json, "stream": False} == whole.json


async def test_fallback_after_the_resumes(connect: Connect, serve: Serve) -> None:
    """It is the last resort."""
    server = serve(cut(1), cut(0), whole_answer())
    async with connect(base_url=server.base_url, retry_backoff_factor=0, max_resumes=1) as client:
        response = await client.chat_stream(CONTEXT, QUESTION, fallback=True).collect()
    assert (response.content, response.is_complete, response.resume_count) == (WHOLE, True, 1)
    assert response.metadata["fallback"] is True


async def test_fallback_that_says_something_else(connect: Connect, serve: Serve) -> None:
    """Two answers cannot be made one: both are at hand."""
    server = serve(cut(2), whole_answer(message_content="Something else."))
    async with connect(base_url=server.base_url, **NO_RESUMES) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION, fallback=True))
    assert isinstance(outcome.error, StreamInterruptedError)
    assert outcome.error.partial.content == outcome.text == "".join(TEXTS[:2])
    assert outcome.error.fallback_response is not None
    assert outcome.error.fallback_response.message_content == "Something else."


async def test_fallback_that_fails(connect: Connect, serve: Serve) -> None:
    """The stream's own error is raised, and notes that the fallback failed as well."""
    server = serve(cut(1), problem(403, "forbidden"))
    async with connect(base_url=server.base_url, **NO_RESUMES) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION, fallback=True))
    assert type(outcome.error) is StreamInterruptedError
    assert "detail of forbidden" in outcome.error.__notes__[0]


async def test_no_fallback_when_the_server_has_said_no(connect: Connect, serve: Serve) -> None:
    """An error of the server's own is an answer."""
    refusal = sse('{"status": 500, "code": "model_failed", "detail": "the model failed"}', event="error")
    server = serve(stream_answer(EVENTS[0], refusal))
    async with connect(base_url=server.base_url, **NO_RESUMES) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION, fallback=True))
    assert type(outcome.error) is StreamServerError


async def test_no_fallback_when_time_is_up(connect: Connect, serve: Serve) -> None:
    """The total deadline is total."""
    server = serve(cut(1, End.STALL))
    async with connect(base_url=server.base_url, **NO_RESUMES) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION, fallback=True, timeout=0.3))
    assert type(outcome.error) is StreamTimeoutError
    assert "stream_total_timeout" in str(outcome.error)


async def test_without_fallback_nothing_else_is_asked(connect: Connect, serve: Serve) -> None:
    """It is off unless asked for."""
    server = serve(cut(1))
    async with connect(base_url=server.base_url, **NO_RESUMES) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
    assert type(outcome.error) is StreamInterruptedError
    assert len(server.requests) == 1
