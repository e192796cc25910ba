"""Calls that fail and are tried again, over real sockets; test_flow_calls.py tries each status."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gpo_client import GPOConnectionError, ServerError, ServiceUnavailableError, StreamServerError
from gpo_client.flows.retry import TRANSIENT_STATUSES
from gpo_client.observers import ResumeDetails, RetryDetails
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.support.events import source, sse, stream_answer
from tests.support.question import AT_ONCE, CONTEXT, EVENTS, QUESTION, WHOLE, cut, problem, rest, whole_answer
from tests.support.wire_script import Answer, End, no_answer

TRANSIENT = [
    problem(503, "unavailable"),
    no_answer(End.RESET),
    no_answer(End.FIN),
    Answer(
        headers={"Content-Type": "application/json"}, pieces=(b'{"mess',), framing="length", announced=99, end=End.FIN
    ),
]


def test_the_page_names_each_status_that_is_tried_again() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "error_handling.md").read_text("utf-8")
    told = page.partition("**Retry.**")[2].partition("is tried again")[0]
    ends = [(int(first), int(last or first)) for first, last in re.findall(r"(\d{3})(?: to (\d{3}))?", told)]
    assert {status for first, last in ends for status in range(first, last + 1)} == TRANSIENT_STATUSES


@pytest.mark.parametrize("failure", TRANSIENT, ids=lambda answer: f"{answer.status} {answer.end.name} {answer.framing}")
async def test_call_is_tried_again(failure: Answer, connect: Connect, serve: Serve) -> None:
    """The same request goes out again, under the same idempotency key."""
    server = serve(failure, failure, whole_answer())
    async with connect(base_url=server.base_url, **AT_ONCE) as client:
        assert (await client.chat(CONTEXT, QUESTION)).message_content == WHOLE
    assert len(server.requests) == 3
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1
    assert len({request.headers["x-request-id"] for request in server.requests}) == 1
    assert len({request.body for request in server.requests}) == 1


@pytest.mark.parametrize("failure", [problem(503, "busy"), no_answer(End.RESET)], ids=["503", "RST"])
async def test_stream_is_opened_again(failure: Answer, connect: Connect, serve: Serve) -> None:
    """A stream that could not be opened is asked for again, and that is no resume."""
    async with connect(base_url=serve(failure, rest(0)).base_url, **AT_ONCE) as client:
        response = await client.chat_stream(CONTEXT, QUESTION).collect()
    assert (response.content, response.resume_count) == (WHOLE, 0)


async def test_max_retries_for_a_call(connect: Connect, serve: Serve) -> None:
    """A call's own number beats the client's, for streams too."""
    server = serve(problem(500, "a"), problem(500, "b"), whole_answer(), problem(500, "c"))
    async with connect(base_url=server.base_url, max_retries=0, **AT_ONCE) as client:
        await client.chat(CONTEXT, QUESTION, max_retries=2)
    async with connect(base_url=server.base_url, **AT_ONCE) as client:
        with pytest.raises(ServerError):
            await client.chat_stream(CONTEXT, QUESTION, max_retries=0).collect()


async def test_post_without_a_key_is_not_repeated(connect: Connect, serve: Serve) -> None:
    """A search is a POST that creates nothing and has no key, so nobody promises that repeating it is harmless."""
    server = serve(problem(503, "busy"))
    async with connect(base_url=server.base_url, **AT_ONCE) as client:
        with pytest.raises(ServiceUnavailableError):
            await client.search_messages(CONTEXT, {"search_text": "x"})
    assert "idempotency-key" not in server.requests[0].headers


async def test_nobody_there(connect: Connect, free_port: int) -> None:
    """Connecting is tried again whatever the request: nothing has been sent."""
    told: list[RetryDetails] = []
    async with connect(base_url=f"http://127.0.0.1:{free_port}", on_retry=told.append, **AT_ONCE) as client:
        with pytest.raises(GPOConnectionError, match="connection refused") as caught:
            await client.search_messages(CONTEXT, {"search_text": "x"})
    assert (caught.value.attempts, [details.attempt for details in told]) == (3, [1, 2])


# --- The wait that a stream's own ``retry:`` asks for.


@pytest.mark.parametrize(
    ("asked", "waits"),
    [(b"retry: 20\n\n", 0.02), (b"retry: 86400000\n\n", 0.05), (b"retry: " + b"9" * 400 + b"\n\n", 0.05)],
    ids=["short", "a day", "for ever"],
)
async def test_retry_is_kept_to_up_to_the_longest_wait(
    asked: bytes, waits: float, connect: Connect, serve: Serve
) -> None:
    """A server decides how long to wait before a stream is resumed, but not beyond ``retry_max_delay``."""
    told: list[float] = []

    def on_resume(details: ResumeDetails) -> None:
        told.append(details.delay)
        assert details.delay < 1, "a test that fails is not to wait a day"

    server = serve(stream_answer(asked, EVENTS[0], end=End.FIN), rest(1))
    settings = {"retry_backoff_factor": 0.0, "retry_max_delay": 0.05, "on_resume": on_resume}
    async with connect(base_url=server.base_url, **settings) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
    assert told == [waits]
    assert (outcome.text, outcome.error) == (WHOLE, None)


# --- When a stream is lost for good: the whole answer instead. When that is asked for, test_flow_fallback.py shows.

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
    async with connect(base_url=serve(stream_answer(EVENTS[0], refusal)).base_url, **NO_RESUMES) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION, fallback=True))
    assert type(outcome.error) is StreamServerError
