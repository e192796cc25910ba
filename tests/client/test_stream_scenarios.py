"""The table of scenarios, played in all runtimes."""

from __future__ import annotations

from operator import attrgetter

import pytest

from gpo_client import StreamError
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import Outcome, outcome_of
from tests.client.scenarios import SCENARIOS, Scenario
from tests.support.question import CONTEXT, QUESTION


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_stream(scenario: Scenario, connect_once: Connect, serve: Serve) -> None:
    """One request at most, its text, its error, and a connection that is let go.

    None where a busy machine lets a deadline pass before it is written; whatever is read of an answer takes one.
    """
    server = serve(scenario.answer)
    settings = {"stream_total_timeout": 20.0, **scenario.settings}  # a stream that should have ended fails, and ends
    async with connect_once(base_url=server.base_url, **settings) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        outcome = await outcome_of(stream)
        if scenario.kept is False:
            await server.closed(0)
        else:
            assert scenario.kept is None or not server.connections[0].closed.is_set()
    assert (len(server.connections), len(server.requests) > 1) == (1, False)
    assert scenario.text in (None, outcome.text)
    _check_error(scenario, outcome)


def _check_error(scenario: Scenario, outcome: Outcome) -> None:
    error = outcome.error
    assert type(error) is (scenario.error or type(None)), error
    for words in scenario.says:
        assert words in str(error)
    for path, value in scenario.details.items():
        assert attrgetter(path)(error) == value, path
    if isinstance(error, StreamError):
        assert error.partial.content == outcome.text
        assert error.partial.chunk_count == len(outcome.chunks)
        assert not error.partial.is_complete
