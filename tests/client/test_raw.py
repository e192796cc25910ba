"""The generated package on the client's connections, and the settings each request carries."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest

from gpo_client import APIStatusError
from gpo_core_client.api.chat import chat
from gpo_core_client.api.history import list_conversations
from gpo_core_client.api.session import create_session
from gpo_core_client.models import ChatRequest, ChatResponse, ConversationPage, Problem, Session, SessionContext
from tests.client.conftest import Connect, Serve
from tests.client.users import RESICO, open_session, somebody
from tests.support.events import answer_events, chat_response, json_answer, problem_answer, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.runtimes import detailed
from tests.support.wire import Answer, Received


async def test_raw_for_a_session(client: Any, runtime: str) -> None:
    """``raw_for`` speaks with the bearer of a session."""
    async with client:
        session = await open_session(client)
        raw = client.raw_for(session)
        answered = await detailed(runtime, chat, client=raw, body=ChatRequest(query=RESICO))
        listed = await detailed(runtime, list_conversations, client=raw)
        known = await client.chat(session, {"query": RESICO})
    assert answered.status_code == HTTPStatus.OK
    assert isinstance(answered.parsed, ChatResponse)
    assert answered.parsed.message_content == known.message_content
    assert isinstance(listed.parsed, ConversationPage)
    assert listed.parsed.total_count == 1


async def test_raw(client: Any, runtime: str) -> None:
    """``raw`` opens sessions; errors are returned as the generator returns them, not raised."""
    async with client:
        opened = await detailed(runtime, create_session, client=client.raw, body=SessionContext.from_dict(somebody()))
        refused = await detailed(runtime, list_conversations, client=client.raw)
    assert isinstance(opened.parsed, Session)
    assert refused.status_code == HTTPStatus.UNAUTHORIZED
    assert isinstance(refused.parsed, Problem)


async def test_raw_shares_the_connections(connect_once: Connect, serve: Serve, runtime: str) -> None:
    """Both use one pool, and closing what ``raw`` gave closes nothing."""
    server = serve(then=lambda _: json_answer(chat_response()))
    async with connect_once(base_url=server.base_url, api_key="k3y") as client:
        await client.chat(CONTEXT, {"query": "q"})
        raw = client.raw
        await detailed(runtime, chat, client=raw, body=ChatRequest(query="q"))
        if runtime == "sync":
            raw.get_httpx_client().close()
        else:
            await raw.get_async_httpx_client().aclose()
        await client.chat(CONTEXT, {"query": "q"})
    assert [request.connection for request in server.requests] == [0, 0, 0]
    bearers = [request.headers["authorization"] for request in server.requests]
    assert bearers == ["Bearer t0k3n", "Bearer k3y", "Bearer t0k3n"]


# --- The header fields of the settings: on every request, below what a call says.

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
