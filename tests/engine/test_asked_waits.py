"""The wait that a stream's own ``retry:`` asks for."""

from __future__ import annotations

import pytest

from gpo_client.observers import ResumeDetails
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.support.events import stream_answer
from tests.support.question import CONTEXT, EVENTS, QUESTION, WHOLE, rest
from tests.support.wire_script import End


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
