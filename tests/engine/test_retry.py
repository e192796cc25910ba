"""Calls that fail and are tried again, over real sockets; test_flow_calls.py tries each status."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gpo_client import GPOConnectionError, ServerError, StreamServerError
from gpo_client.flows.retry import TRANSIENT_STATUSES
from gpo_client.observers import RetryDetails
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.support.events import sse, stream_answer
from tests.support.question import AT_ONCE, CONTEXT, EVENTS, QUESTION, problem, whole_answer


def test_the_page_names_each_status_that_is_tried_again() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "error_handling.md").read_text("utf-8")
    told = page.partition("**Retry.**")[2].partition("is tried again")[0]
    ends = [(int(first), int(last or first)) for first, last in re.findall(r"(\d{3})(?: to (\d{3}))?", told)]
    named = {status for first, last in ends for status in range(first, last + 1)}
    assert named == TRANSIENT_STATUSES, "docs/error_handling.md, **Retry.**, names each status that is tried again"


async def test_max_retries_for_a_call(connect: Connect, serve: Serve) -> None:
    """A call's own number beats the client's, for streams too."""
    server = serve(problem(500, "a"), problem(500, "b"), whole_answer(), problem(500, "c"))
    async with connect(base_url=server.base_url, max_retries=0, **AT_ONCE) as client:
        await client.chat(CONTEXT, QUESTION, max_retries=2)
    async with connect(base_url=server.base_url, **AT_ONCE) as client:
        with pytest.raises(ServerError):
            await client.chat_stream(CONTEXT, QUESTION, max_retries=0).collect()


async def test_nobody_there(connect: Connect, free_port: int) -> None:
    """Connecting is tried again whatever the request: nothing has been sent."""
    told: list[RetryDetails] = []
    async with connect(base_url=f"http://127.0.0.1:{free_port}", on_retry=told.append, **AT_ONCE) as client:
        with pytest.raises(GPOConnectionError, match="connection refused") as caught:
            await client.search_messages(CONTEXT, {"search_text": "x"})
    assert (caught.value.attempts, [details.attempt for details in told]) == (3, [1, 2])


async def test_no_fallback_when_the_server_has_said_no(connect: Connect, serve: Serve) -> None:
    """An error of the server's own is an answer."""
    refusal = sse('{"status": 500, "code": "model_failed", "detail": "the model failed"}', event="error")
    async with connect(base_url=serve(stream_answer(EVENTS[0], refusal)).base_url, max_resumes=0) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION, fallback=True))
    assert type(outcome.error) is StreamServerError
