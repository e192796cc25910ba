"""No log line, span or measurement holds a token, a question or an answer: under every fault there is a test for.

The servers here are hostile: where an id is expected they send back what they were sent.
"""

from __future__ import annotations

import logging
from itertools import cycle
from typing import Any

import pytest

from gpo_client import ChatContext, GPOClientError, Secret
from gpo_client.otel import OpenTelemetryObserver
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.client.scenarios import SCENARIOS, Scenario
from tests.support.events import (
    TEXT_EVENT_STREAM,
    chat_response,
    chunk,
    json_answer,
    numbered,
    problem_answer,
    sse,
    stream_answer,
)
from tests.support.wire import Answer, End
from tests.telemetry.conftest import Telemetry

_TOKEN, _KEY = "t0k3n-s3cr3t", "k3y-s3cr3t"
_PROMPT, _ANSWER = "Is Ana Pérez exempt?", "Señora Pérez is."
_CONTEXT = ChatContext(session_id="session-1", token=Secret(_TOKEN))
_SECRETS = (_TOKEN, _KEY, _PROMPT, "Ana", "Pérez", "P\\u00e9rez", "Señora")


# In turn: what is told is decided in one place for all runtimes, and the tables are long.
_RUNTIMES = cycle(["sync", "asyncio", "trio"])


class _Everything:
    """All that is told of calls, at its most talkative."""

    def __init__(self, telemetry: Telemetry, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG, logger="gpo_client")
        self._telemetry = telemetry
        self._caplog = caplog

    def check(self) -> None:
        """Nothing of it holds a secret, and there is something of everything."""
        records = [record for record in self._caplog.records if record.name.startswith("gpo_client")]
        lines = [f"{record.getMessage()} {record.args} {record.exc_text} {vars(record)}" for record in records]
        spans = [span.to_json() for span in self._telemetry.spans]
        points = [repr(point) for point in self._telemetry.points]
        assert lines
        assert spans
        assert points
        text = "\n".join([*lines, *spans, *points])
        assert [secret for secret in _SECRETS if secret in text] == []

    def observer(self, **options: Any) -> OpenTelemetryObserver:
        """For the client."""
        return self._telemetry.observer(**options)

    @property
    def chats(self) -> list[dict[str, Any]]:
        """What the spans of questions tell."""
        return [dict(span.attributes or {}) for span in self._telemetry.chats]


@pytest.fixture
def everything(telemetry: Telemetry, caplog: pytest.LogCaptureFixture) -> _Everything:
    """All that is told of calls."""
    return _Everything(telemetry, caplog)


@pytest.mark.parametrize(
    ("runtime", "scenario"),
    [
        pytest.param(runtime, scenario, id=scenario.name)
        for runtime, scenario in zip(_RUNTIMES, SCENARIOS, strict=False)
    ],
)
async def test_every_fault(scenario: Scenario, everything: _Everything, connect_once: Connect, serve: Serve) -> None:
    """The table of everything that a server may answer to a question."""
    server = serve(scenario.answer)
    options: dict[str, Any] = {**scenario.settings, "trace_requests": True, "observers": [everything.observer()]}
    async with connect_once(base_url=server.base_url, api_key=_KEY, **options) as client:
        outcome = await outcome_of(client.chat_stream(_CONTEXT, {"query": _PROMPT}))
    assert (type(outcome.error) if outcome.error else None) == scenario.error
    (told,) = everything.chats
    assert told["gpo.outcome"] == ("failed" if scenario.error else "complete")
    everything.check()


def _echo(text: str) -> dict[str, Answer]:
    """Answers that hold ``text`` wherever an id, a name or a reason is expected."""
    ids = {"X-Request-ID": text} if text.isascii() else {}
    meta = {"message_id": text, "model_used": text}
    events = numbered([chunk(_ANSWER), chunk(None, is_complete=True, metadata=meta)])
    ours = [sse(chunk(_ANSWER, metadata=meta), id=text)]
    return {
        "whole": stream_answer(*events, headers={**TEXT_EVENT_STREAM, **ids}),
        "cut": stream_answer(*ours, headers={**TEXT_EVENT_STREAM, **ids}, end=End.RESET),
        "problem": problem_answer(503, "busy", ids, title=text, detail=text, request_id=text),
        "refused": problem_answer(401, "token_expired", ids, title=text, detail=text, request_id=text),
        "error event": stream_answer(sse({"type": text, "title": text, "status": 500, "detail": text}, event="error")),
        "redirect": Answer(status=302, headers={"Location": f"https://gpo.example.com/{_TOKEN}", **ids}),
        "media type": Answer(headers={"Content-Type": text if text.isascii() else "text/x", **ids}, pieces=[b"x"]),
        "malformed": stream_answer(sse(text), headers={**TEXT_EVENT_STREAM, **ids}),
    }


_ECHOES = [
    pytest.param(next(_RUNTIMES), answer, id=f"{kind} {text}")
    for text in (_TOKEN, f"Bearer {_TOKEN}", _KEY, _PROMPT)
    for kind, answer in _echo(text).items()
]


@pytest.mark.parametrize(("runtime", "answer"), _ECHOES)
async def test_servers_that_send_back_what_they_were_sent(
    answer: Answer, everything: _Everything, connect: Connect, serve: Serve
) -> None:
    """Streams and calls, tried again and continued."""
    server = serve(then=lambda _: answer)
    again: dict[str, Any] = {"max_retries": 1, "max_resumes": 1, "retry_backoff_factor": 0.0, "trace_requests": True}
    options = {**again, "observers": [everything.observer()], "api_key": _KEY}
    async with connect(base_url=server.base_url, **options) as client:
        await outcome_of(client.chat_stream(_CONTEXT, {"query": _PROMPT}))
        with pytest.raises(GPOClientError):
            await client.chat(_CONTEXT, {"query": _PROMPT})
        with pytest.raises(GPOClientError):
            await client.session({"instance_id": "i", "user_id": "u"})
    everything.check()


async def test_whole_answers(everything: _Everything, connect_once: Connect, serve: Serve) -> None:
    """A call whose model and id are the token."""
    server = serve(json_answer(chat_response(_ANSWER, message_id=_TOKEN, model_used=f"model {_TOKEN}")))
    async with connect_once(base_url=server.base_url, observers=[everything.observer()]) as client:
        await client.chat(_CONTEXT, {"query": _PROMPT})
    everything.check()
    told = everything.chats[0]
    assert (told["gen_ai.response.id"], told["gen_ai.response.model"]) == ("**********", "model **********")


async def test_searches(everything: _Everything, connect_once: Connect, serve: Serve) -> None:
    """What a user looks for is in the parameters of an address, which is told without them."""
    server = serve(json_answer({"items": [], "page": 1, "page_size": 20, "total_count": 0}))
    async with connect_once(base_url=server.base_url, observers=[everything.observer()]) as client:
        await client.list_conversations(_CONTEXT, search_text=_PROMPT)
    assert "search_text" in server.requests[0].target
    everything.check()


async def test_the_check_sees_what_it_is_for(everything: _Everything, connect_once: Connect, serve: Serve) -> None:
    """With the texts of questions switched on, it fails."""
    server = serve(json_answer(chat_response(_ANSWER)))
    async with connect_once(base_url=server.base_url, observers=[everything.observer(capture_content=True)]) as client:
        await client.chat(_CONTEXT, {"query": _PROMPT})
    with pytest.raises(AssertionError):
        everything.check()
