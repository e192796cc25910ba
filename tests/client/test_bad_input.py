"""What users get wrong: refused before anything is sent, with the name of what is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import nan
from typing import Any

import attrs
import pytest

from gpo_client import ChatContext, Feedback, InvalidArgumentError
from tests.client.conftest import Connect, Serve
from tests.support.question import CONTEXT, QUESTION

_SELF: dict[str, Any] = {}
_SELF["itself"] = _SELF

Use = Callable[[Any], Awaitable[object]]

#: What is done with a client, and the field that the error names.
_ARGUMENTS: dict[str, tuple[Use, str]] = {
    "bytes for a text": (lambda c: c.chat(CONTEXT, {"query": b"q"}), "request"),
    "bytes deep inside": (lambda c: c.start_conversation(CONTEXT, {"metadata": {"a": [bytearray(b"b")]}}), "request"),
    "a number that is none": (lambda c: c.start_conversation(CONTEXT, {"metadata": {"a": nan}}), "request"),
    "no query": (lambda c: c.chat(CONTEXT, {}), "request"),
    "field of the wrong type": (lambda c: c.chat(CONTEXT, {"query": 5}), "request.query"),
    "null where a text is wanted": (lambda c: c.chat(CONTEXT, {"query": None}), "request.query"),
    "field of the wrong type, streamed": (lambda c: c.chat_stream(CONTEXT, {"query": 5}).collect(), "request.query"),
    "nested field of the wrong type": (
        lambda c: c.chat_sensitive(CONTEXT, {**QUESTION, "chat_history": [{"role": "user", "content": 1}]}),
        "request.chat_history[0].content",
    ),
    "unknown word of an enumeration": (
        lambda c: c.session({"instance_id": "i", "user_id": "u", "environment": "x"}),
        "context.environment",
    ),
    "missing field": (lambda c: c.session({"instance_id": "i"}), "context"),
    "a list for a mapping": (lambda c: c.chat(CONTEXT, [QUESTION]), "request"),
    "the model of another request": (lambda c: c.chat(CONTEXT, Feedback(message_id="m")), "request"),
    "a value that is no JSON": (lambda c: c.chat(CONTEXT, {**QUESTION, "client_metadata": {"x": object()}}), "request"),
    "a value within itself": (lambda c: c.chat(CONTEXT, {**QUESTION, "client_metadata": _SELF}), "request"),
    "half a character": (lambda c: c.chat(CONTEXT, {"query": "\ud83d"}), "request"),
    "keys that are no text": (lambda c: c.chat(CONTEXT, {("query",): "x"}), "request"),
    "context without a session": (lambda c: c.chat({"token": "t"}, QUESTION), "context"),
    "context without a token": (lambda c: c.chat({"session_id": "s"}, QUESTION), "context"),
    "context with an unknown field": (
        lambda c: c.chat({"session_id": "s", "token": "t", "user": "u"}, QUESTION),
        "context",
    ),
    "context that is None": (lambda c: c.chat(None, QUESTION), "context"),
    "context with an empty session": (lambda c: c.chat({"session_id": "", "token": "t"}, QUESTION), "session_id"),
    "context with a token that is no text": (lambda c: c.chat({"session_id": "s", "token": 5}, QUESTION), "token"),
    "no conversation": (lambda c: c.list_messages(CONTEXT), "context.conversation_id"),
    "rating without a conversation": (lambda c: c.rate_conversation(CONTEXT, {"rating": 5}), "request"),
    "one id for a list of ids": (lambda c: c.delete_conversations(CONTEXT, "conv-1"), "conversation_ids"),
    "no date": (lambda c: c.list_closed_conversations(CONTEXT, to_date="soon"), "to_date"),
    "no date but a number": (lambda c: c.list_closed_conversations(CONTEXT, from_date=20261101), "from_date"),
    "line end in a header": (lambda c: c.chat(CONTEXT, QUESTION, headers={"X-A": "1\r\nX-B: 2"}), "headers.X-A"),
    "line end in the name of a header": (lambda c: c.chat(CONTEXT, QUESTION, headers={"X\r\nY": "1"}), "headers"),
    "line end in a token": (
        lambda c: c.chat({"session_id": "s", "token": "t\r\nX-B: 2"}, QUESTION),
        "token.Authorization",
    ),
    "token that is no ASCII": (
        lambda c: c.chat({"session_id": "s", "token": "tökén"}, QUESTION),
        "token.Authorization",
    ),
    "line end in a token, streamed": (
        lambda c: c.chat_stream({"session_id": "s", "token": "t\nX-B: 2"}, QUESTION).collect(),
        "token.Authorization",
    ),
    "line end in an idempotency key": (
        lambda c: c.chat(CONTEXT, QUESTION, idempotency_key="a\r\nX-B: 2"),
        "idempotency_key.Idempotency-Key",
    ),
    "idempotency key that is no text": (lambda c: c.chat(CONTEXT, QUESTION, idempotency_key=5), "idempotency_key"),
    "misspelt option": (lambda c: c.chat(CONTEXT, QUESTION, time_out=5), "time_out"),
    "path in a conversation id": (lambda c: c.list_messages(CONTEXT, ".."), "conversation_id"),
    "path in the conversation of the context": (
        lambda c: c.list_messages(attrs.evolve(CONTEXT, conversation_id="..")),
        "conversation_id",
    ),
    "path in a document id": (lambda c: c.download_document(CONTEXT, ".."), "document_id"),
    "document id that leads to the same folder": (lambda c: c.download_document(CONTEXT, "."), "document_id"),
    "document id that is no text": (lambda c: c.download_document(CONTEXT, 5), "document_id"),
    "document id that is half a character": (lambda c: c.download_document(CONTEXT, "\ud800"), "document_id"),
    "no list of ids": (lambda c: c.delete_conversations(CONTEXT, None), "conversation_ids"),
    "list of ids that are none": (lambda c: c.delete_conversations(CONTEXT, ["a", 5]), "conversation_ids"),
    "seconds that no clock counts": (lambda c: c.chat(CONTEXT, QUESTION, timeout=10**400), "timeout"),
    "empty document id": (lambda c: c.download_document(CONTEXT, ""), "document_id"),
}


@pytest.mark.parametrize("mistake", _ARGUMENTS)
async def test_wrong_argument(mistake: str, connect_once: Connect, serve: Serve) -> None:
    """Refused with the name of the field, and no connection was made."""
    use, field = _ARGUMENTS[mistake]
    server = serve()
    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(InvalidArgumentError) as caught:
            await use(client)
    assert caught.value.field.endswith(field)
    assert isinstance(caught.value, ValueError)
    assert caught.value.attempts == 0
    assert server.connections == []


@pytest.mark.parametrize(
    "arguments",
    [
        {"session_id": "", "token": "t"},
        {"session_id": None, "token": "t"},
        {"session_id": "s", "token": ""},
        {"session_id": "s", "token": None},
        {"session_id": "s", "token": "t", "conversation_id": 7},
        {"session_id": "s", "token": "t", "conversation_id": ""},
    ],
    ids=str,
)
def test_context(arguments: dict[str, Any]) -> None:
    """A context is checked where it is made."""
    with pytest.raises(InvalidArgumentError, match=r"ChatContext\.\w+ must be a text"):
        ChatContext(**arguments)


async def test_headers_win_whatever_their_case(connect_once: Connect, serve: Serve) -> None:
    """A header of the user's replaces the library's own: it is sent once."""
    from tests.support.events import chat_response, json_answer

    server = serve(json_answer(chat_response()))
    mine = {"user-agent": "mine/1", "AUTHORIZATION": "Bearer mine", "x-request-id": "req-1", "X-Own": "1"}
    async with connect_once(base_url=server.base_url) as client:
        await client.chat(CONTEXT, QUESTION, headers=mine)
    sent = server.requests[0].headers
    assert {name: sent[name.lower()] for name in mine} == mine
