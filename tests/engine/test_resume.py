"""Streams that break and are continued: one table, in all runtimes, over real sockets."""

from __future__ import annotations

import pytest

from gpo_client import AuthenticationError, StreamedResponse, StreamError
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.engine.resume_scenarios import SCENARIOS, Scenario
from tests.support.question import AT_ONCE, CONTEXT, QUESTION, problem


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_stream(scenario: Scenario, connect: Connect, serve: Serve) -> None:
    """What is delivered, what is raised, and what the server was asked."""
    server = serve(*scenario.script)
    async with connect(base_url=server.base_url, **{**AT_ONCE, **scenario.settings}) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        outcome = await outcome_of(stream)
        partial: StreamedResponse = stream.partial
    assert outcome.text == scenario.text == partial.content
    assert type(outcome.error) is (scenario.error or type(None))
    assert scenario.says in str(outcome.error)
    assert tuple(request.headers.get("last-event-id") for request in server.requests) == scenario.asked
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1
    assert len({request.body for request in server.requests}) == 1
    assert partial.is_complete == (scenario.error is None)
    assert scenario.resumes is None or partial.resume_count == scenario.resumes
    if isinstance(outcome.error, StreamError):
        assert outcome.error.partial == partial
        assert outcome.error.attempts == len(server.requests)


async def test_error_before_the_first_event_is_not_a_stream_error(connect: Connect, serve: Serve) -> None:
    """Until a stream has begun, its errors are those of any call."""
    async with connect(base_url=serve(problem(401, "invalid_token")).base_url) as client:
        with pytest.raises(AuthenticationError):
            await client.chat_stream(CONTEXT, QUESTION).collect()
