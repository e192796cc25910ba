"""When a stream is lost for good: the whole answer instead. When that is asked for, test_flow_fallback.py shows."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client import StreamServerError
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.support.events import source, sse, stream_answer
from tests.support.question import CONTEXT, EVENTS, QUESTION, WHOLE, cut, whole_answer
from tests.support.wire_script import Answer, End

NO_RESUMES: dict[str, Any] = {"retry_backoff_factor": 0.0, "max_resumes": 0}

LOST = [
    cut(0),
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


async def test_no_fallback_when_the_server_has_said_no(connect: Connect, serve: Serve) -> None:
    """An error of the server's own is an answer."""
    refusal = sse('{"status": 500, "code": "model_failed", "detail": "the model failed"}', event="error")
    server = serve(stream_answer(EVENTS[0], refusal))
    async with connect(base_url=server.base_url, **NO_RESUMES) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION, fallback=True))
    assert type(outcome.error) is StreamServerError
