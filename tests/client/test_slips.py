"""Slips that everybody makes once: the error says what to write instead."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gpo_client import (
    ChatContext,
    ChatRequest,
    Feedback,
    GPOConfig,
    GPOCoreClient,
    InvalidArgumentError,
    Session,
    SessionContext,
    SyncGPOCoreClient,
    UsageError,
)
from tests.client.conftest import Connect, Serve
from tests.support.events import chat_response, json_answer
from tests.support.question import CONTEXT, QUESTION

Use = Callable[[Any], Awaitable[object]]


async def _later() -> object:
    raise AssertionError("nobody awaits this")


#: What is done with a client, and what the error says.
_SLIPS: dict[str, tuple[Use, str]] = {
    "a text as request": (
        lambda c: c.chat(CONTEXT, "What is RESICO?"),
        'request must be a StreamingChatRequest or a mapping such as {"query": "…"}, not a text',
    ),
    "a text as request, streamed": (
        lambda c: c.chat_stream(CONTEXT, "What is RESICO?").collect(),
        'a mapping such as {"query": "…"}, not a text',
    ),
    "a text as session context": (
        lambda c: c.session("user-1"),
        'context must be a SessionContext or a mapping such as {"instance_id": "…", "user_id": "…"}, not a text',
    ),
    "a title as request": (lambda c: c.start_conversation(CONTEXT, ""), 'such as {"title": "…"}, not a text'),
    "a number as request": (lambda c: c.rate_conversation(CONTEXT, 5), 'such as {"rating": 1}, not an object of type'),
    "a text as filter": (lambda c: c.metrics.opinion(CONTEXT, "last month"), 'such as {"start_date": "…"}, not a text'),
    "a text as search": (lambda c: c.search_documents(CONTEXT, "tax"), 'such as {"search_text": "…"}, not a text'),
    "a number as path": (
        lambda c: c.download_document(CONTEXT, "doc_1", to=5),
        "to must be the path of a file or a folder, not 5",
    ),
    "a path that cannot be": (
        lambda c: c.download_document(CONTEXT, "doc_1", to="a\0b"),
        r"to must be the path of a file or a folder, not 'a\x00b'",
    ),
    "the class": (lambda c: c.submit_feedback(CONTEXT, Feedback), "not the class Feedback itself"),
    "None": (lambda c: c.chat(CONTEXT, None), "not None"),
    "misspelt field": (
        lambda c: c.chat(CONTEXT, {"qeury": "What is RESICO?"}),
        "request has no field 'qeury'; did you mean 'query'?",
    ),
    "misspelt field, streamed": (lambda c: c.chat_stream(CONTEXT, {"qeury": "x"}).collect(), "did you mean 'query'?"),
    "camel case": (lambda c: c.chat(CONTEXT, {**QUESTION, "useOpenai": True}), "did you mean 'use_openai'?"),
    "unlike any field": (
        lambda c: c.chat(CONTEXT, {**QUESTION, "zzz": 1}),
        "request has no field 'zzz'; the fields are query, use_openai,",
    ),
    "misspelt in a list": (
        lambda c: c.chat_sensitive(CONTEXT, {**QUESTION, "chat_history": [{"role": "user", "contents": "x"}]}),
        "request.chat_history[0] has no field 'contents'; did you mean 'content'?",
    ),
    "misspelt beside what is missing": (lambda c: c.session({"instanceid": "i"}), "did you mean 'instance_id'?"),
    "misspelt in a filter": (
        lambda c: c.ratings.search(CONTEXT, {"filter": {"startdate": "2026-11-01"}}),
        "request.filter has no field 'startdate'; did you mean 'start_date'?",
    ),
    "misspelt in one of several": (
        lambda c: c.users.save(CONTEXT, [{"user": "u"}]),
        "request.users[0] has no field 'user'; did you mean 'user_id'?",
    ),
    "the other way round": (
        lambda c: c.chat(QUESTION, CONTEXT),
        "context has no field 'query'; the context comes first",
    ),
    "models the other way round": (
        lambda c: c.chat(ChatRequest(query="q"), CONTEXT),
        "not an object of type ChatRequest: the context comes first, then the request",
    ),
    "the context twice": (lambda c: c.chat(CONTEXT, CONTEXT), "type ChatContext: the context comes first, then"),
    "a text as context": (lambda c: c.chat("session-1", QUESTION), "not a text; client.session(…) gives one"),
    "misspelt in the context": (lambda c: c.chat({"sesion_id": "s", "token": "t"}, QUESTION), "mean 'session_id'?"),
    "a context without its token": (
        lambda c: c.chat({"session_id": "s"}, QUESTION),
        "context has no token: context must",
    ),
    "what a session is opened with": (
        lambda c: c.list_documents(SessionContext(instance_id="i", user_id="u")),
        "not an object of type SessionContext",
    ),
}


@pytest.mark.parametrize("slip", _SLIPS)
async def test_slip(slip: str, connect_once: Connect, serve: Serve) -> None:
    """A sentence with the remedy, and nothing was sent."""
    use, told = _SLIPS[slip]
    server = serve()
    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(InvalidArgumentError) as caught:
            await use(client)
    assert told in str(caught.value)
    assert "RESICO" not in str(caught.value)
    assert server.connections == []


async def test_what_was_not_awaited(connect_once: Connect) -> None:
    """An await that was left out is named as what it is."""
    async with connect_once(config=GPOConfig()) as client:
        for arguments in ((_later(), QUESTION), (CONTEXT, _later())):
            with pytest.raises(InvalidArgumentError, match="a coroutine, which is still to be awaited"):
                await client.chat(*arguments)
            next(each for each in arguments if hasattr(each, "close")).close()


async def test_a_conversation_as_context(client: Any) -> None:
    """A conversation that was opened is no context, and has one."""
    async with client:
        handle = await client.open_conversation({"instance_id": "i", "user_id": "u"})
        with pytest.raises(InvalidArgumentError, match=r"ConversationHandle: give its \.context$"):
            await client.chat(getattr(handle, "_blocking", handle), QUESTION)


async def test_what_serves_as_context(connect_once: Connect, serve: Serve) -> None:
    """A session, a context, and either of them as a mapping, which is how a cache may keep them."""
    session = Session(session_id="s", token="t", expires_at=None, user_id="u")
    kept = {"session_id": "s", "token": "t", "expires_at": "2026-11-01T00:00:00Z", "user_id": "u", "display_name": None}
    contexts: list[Any] = [session, session.chat_context("c"), kept, {"session_id": "s", "token": "t"}]
    contexts.append(ChatContext(session_id="s", token="t"))
    server = serve(*[json_answer(chat_response())] * len(contexts))
    async with connect_once(base_url=server.base_url) as client:
        for context in contexts:
            await client.chat(context, QUESTION)
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer t"}
    assert {request.json["session_id"] for request in server.requests} == {"s"}


@pytest.mark.parametrize("hand_on", [pickle.dumps, copy.deepcopy])
@pytest.mark.parametrize("kind", [GPOCoreClient, SyncGPOCoreClient])
def test_clients_stay_where_they_are(kind: Any, hand_on: Callable[[Any], Any]) -> None:
    """Whoever hands one to another process is told what to hand on instead."""
    client = kind(timeout=5)
    with pytest.raises(UsageError, match="send its config"):
        hand_on(client)
    assert hand_on(client.config)
    assert copy.copy(client).config is client.config
