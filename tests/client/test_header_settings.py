"""The header fields of the settings: on every request, below what a call says."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client import APIStatusError
from gpo_core_client.api.chat import chat
from gpo_core_client.models import ChatRequest
from tests.client.conftest import Connect, Serve
from tests.support.events import answer_events, chat_response, json_answer, problem_answer, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import Answer, Received

_HEADERS = {"X-Gateway-Key": "g4teway-s3cr3t", "X-Team": "tax"}


def _answer(request: Received) -> Answer:
    return stream_answer(*answer_events("Mexico")) if request.json.get("stream") else json_answer(chat_response())


async def test_every_request_has_them(connect_once: Connect, serve: Serve, runtime: str) -> None:
    """Calls, streams, copies of the client with other settings, and the generated client."""
    server = serve(then=_answer)
    async with connect_once(base_url=server.base_url, headers=_HEADERS) as client:
        await client.chat(CONTEXT, QUESTION)
        await client.with_options(timeout=5).chat_stream(CONTEXT, QUESTION).collect()
        raw, body = client.raw_for(CONTEXT), ChatRequest(query="q")
        await (chat.asyncio(client=raw, body=body) if runtime != "sync" else _done(chat.sync(client=raw, body=body)))
        await client.with_options(headers={}).chat(CONTEXT, QUESTION)
    found = [[request.headers.get(name.lower()) for name in _HEADERS] for request in server.requests]
    assert found == [*[list(_HEADERS.values())] * 3, [None, None]]


async def test_a_call_wins(connect_once: Connect, serve: Serve) -> None:
    """In whatever case it spells the name, and the field goes out once."""
    server = serve(then=_answer)
    async with connect_once(base_url=server.base_url, headers=_HEADERS) as client:
        await client.chat(CONTEXT, QUESTION, headers={"x-team": "law"})
    assert server.requests[0].headers["x-team"] == "law"
    assert server.requests[0].headers["x-gateway-key"] == "g4teway-s3cr3t"


async def test_no_error_tells_a_secret(connect_once: Connect, serve: Serve) -> None:
    """Not even where the server sends it back."""
    server = serve(problem_answer(403, detail="no key g4teway-s3cr3t here"))
    async with connect_once(base_url=server.base_url, headers=_HEADERS) as client:
        with pytest.raises(APIStatusError) as caught:
            await client.chat(CONTEXT, QUESTION)
    assert "g4teway" not in f"{caught.value!r} {caught.value} {vars(caught.value)}"


async def _done(value: Any) -> Any:
    return value
