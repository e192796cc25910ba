"""Calls that fail and are tried again, over real sockets; test_flow_calls.py tries each status."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gpo_client import GPOConnectionError, InvalidArgumentError, RateLimitError, ServerError, ServiceUnavailableError
from gpo_client.flows.retry import TRANSIENT_STATUSES
from gpo_client.observers import RetryDetails
from tests.client.conftest import Connect, Serve
from tests.support.question import AT_ONCE, CONTEXT, QUESTION, WHOLE, problem, rest, whole_answer
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
    server = serve(failure, rest(0))
    async with connect(base_url=server.base_url, **AT_ONCE) as client:
        response = await client.chat_stream(CONTEXT, QUESTION).collect()
    assert (response.content, response.resume_count) == (WHOLE, 0)


async def test_the_last_error_is_raised(connect: Connect, serve: Serve) -> None:
    """When the tries run out, the error of the last one tells how many there were."""
    server = serve(problem(500, "first"), problem(502, "second"), problem(503, "third"))
    async with connect(base_url=server.base_url, **AT_ONCE) as client:
        with pytest.raises(ServiceUnavailableError, match="detail of third") as caught:
            await client.chat(CONTEXT, QUESTION)
    assert caught.value.attempts == 3
    assert caught.value.elapsed is not None


async def test_max_retries_for_a_call(connect: Connect, serve: Serve) -> None:
    """A call's own number beats the client's, for streams too."""
    server = serve(problem(500, "a"), problem(500, "b"), whole_answer(), problem(500, "c"))
    async with connect(base_url=server.base_url, max_retries=0, **AT_ONCE) as client:
        await client.chat(CONTEXT, QUESTION, max_retries=2)
    async with connect(base_url=server.base_url, **AT_ONCE) as client:
        with pytest.raises(ServerError):
            await client.chat_stream(CONTEXT, QUESTION, max_retries=0).collect()


@pytest.mark.parametrize("count", [-1, 1.5, True, "2", None])
async def test_max_retries_that_is_no_count(count: Any, connect: Connect, serve: Serve) -> None:
    """It is refused by its name, before anything is sent."""
    server = serve()
    async with connect(base_url=server.base_url) as client:
        with pytest.raises(InvalidArgumentError, match="max_retries must be a whole number, 0 or more") as caught:
            await client.chat(CONTEXT, QUESTION, max_retries=count)
    assert caught.value.field == "max_retries"


async def test_post_without_a_key_is_not_repeated(connect: Connect, serve: Serve) -> None:
    """A search is a POST that creates nothing and has no key, so nobody promises that repeating it is harmless."""
    server = serve(problem(503, "busy"))
    async with connect(base_url=server.base_url, **AT_ONCE) as client:
        with pytest.raises(ServiceUnavailableError):
            await client.search_messages(CONTEXT, {"search_text": "x"})
    assert "idempotency-key" not in server.requests[0].headers


async def test_get_is_repeated(connect: Connect, serve: Serve) -> None:
    """A GET is harmless by definition."""
    page = b'{"items": [], "page": 1, "page_size": 20, "total_count": 0}'
    empty = Answer(headers={"Content-Type": "application/json"}, pieces=(page,), framing="length")
    server = serve(problem(503, "busy"), empty)
    async with connect(base_url=server.base_url, **AT_ONCE) as client:
        assert (await client.list_documents(CONTEXT)).items == []


async def test_nobody_there(connect: Connect, free_port: int) -> None:
    """Connecting is tried again whatever the request: nothing has been sent."""
    told: list[RetryDetails] = []
    async with connect(base_url=f"http://127.0.0.1:{free_port}", on_retry=told.append, **AT_ONCE) as client:
        with pytest.raises(GPOConnectionError, match="connection refused") as caught:
            await client.search_messages(CONTEXT, {"search_text": "x"})
    assert (caught.value.attempts, [details.attempt for details in told]) == (3, [1, 2])


async def test_retry_after_is_honoured(connect: Connect, serve: Serve) -> None:
    """The wait is the one that the server asked for, in seconds or as a date."""
    date = {"Date": "Sun, 01 Nov 2026 10:00:00 GMT", "Retry_After": "Sun, 01 Nov 2026 10:00:00 GMT"}
    told: list[RetryDetails] = []
    server = serve(problem(429, "slow", Retry_After="0"), problem(503, "busy", **date), whole_answer())
    async with connect(base_url=server.base_url, on_retry=told.append, retry_backoff_factor=1000) as client:
        await client.chat(CONTEXT, QUESTION)
    assert [(details.delay, details.status_code) for details in told] == [(0.0, 429), (0.0, 503)]


async def test_a_long_retry_after_is_not_waited_for(connect: Connect, serve: Serve) -> None:
    """Above retry_max_delay the error is raised at once, and says how long to wait."""
    server = serve(problem(429, "slow", Retry_After="31"))
    async with connect(base_url=server.base_url) as client:
        with pytest.raises(RateLimitError) as caught:
            await client.chat(CONTEXT, QUESTION)
    assert caught.value.retry_after == 31.0


async def test_callback_that_raises(connect: Connect, serve: Serve) -> None:
    """What a hook raises ends the call, with nothing left open."""

    def stop(_: RetryDetails) -> None:
        raise KeyError("enough")

    server = serve(problem(500, "x"))
    async with connect(base_url=server.base_url, on_retry=stop) as client:
        with pytest.raises(KeyError, match="enough"):
            await client.chat(CONTEXT, QUESTION)
