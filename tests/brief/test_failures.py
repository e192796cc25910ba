"""When a stream fails: what the error says, what it keeps, and the whole answer as a way out."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from gpo_client import (
    AuthenticationError,
    ChatRequest,
    GPOConnectionError,
    StreamingChatRequest,
    StreamInterruptedError,
    StreamServerError,
    StreamTimeoutError,
)
from tests.support.events import chat_response, chunk, json_answer, numbered, sse, stream_answer
from tests.support.question import SESSION
from tests.support.wire import ONE_TRY, End, WireServer

Connect = Callable[..., Any]
CONTEXT = {"session_id": "session-1", "token": "token-1", "conversation_id": "conversation-1"}
HALF = numbered([chunk("Residents pay "), chunk("on all ")])


async def _show(client: Any, request: Any, screen: StringIO, context: Any = CONTEXT) -> None:
    async for part in client.chat_stream(context, request):
        screen.write(part.content or "")


@pytest.mark.parametrize(
    ("end", "words", "kind"),
    [
        (End.RESET, "connection reset", StreamInterruptedError),
        (End.FIN, "connection closed", StreamInterruptedError),
        (End.STALL, "timeout", StreamTimeoutError),
    ],
)
async def test_fallback_to_a_whole_answer(connect: Connect, end: End, words: str, kind: type[Exception]) -> None:
    """The error tells in words what happened and holds what had arrived; the same client then gets a whole answer."""
    request = StreamingChatRequest(query="Who pays?", use_openai=False)
    screen = StringIO()
    whole = json_answer(chat_response("Residents pay on all income."))
    with WireServer(stream_answer(*HALF, end=end), whole) as server:
        async with connect(base_url=server.base_url, stream_idle_timeout=0.2, **ONE_TRY) as client:
            with pytest.raises(kind) as caught:
                await _show(client, request, screen)
            whole_request = ChatRequest(query=request.query, use_openai=request.use_openai)
            answer = await client.chat(CONTEXT, whole_request)
        bodies = [asked.json for asked in server.requests]
    assert words in str(caught.value).lower()
    assert isinstance(caught.value, ConnectionError)
    assert isinstance(caught.value, TimeoutError) == (end is End.STALL)
    assert screen.getvalue() == caught.value.partial.content == "Residents pay on all "  # type: ignore[attr-defined]
    assert answer.message_content == "Residents pay on all income."
    assert [(body["query"], body["use_openai"], body["stream"]) for body in bodies] == [
        ("Who pays?", False, True),
        ("Who pays?", False, False),
    ]


async def test_the_server_gives_up(connect: Connect) -> None:
    """An error that the server sends within the stream is told in the server's words."""
    refusal = sse({"title": "Overloaded", "status": 503, "code": "overloaded"}, event="error")
    with WireServer(stream_answer(*HALF, refusal)) as server:
        async with connect(base_url=server.base_url, **ONE_TRY) as client:
            with pytest.raises(StreamServerError, match="Overloaded") as caught:
                await _show(client, {"query": "Who pays?"}, StringIO())
    assert caught.value.code == "overloaded"
    assert caught.value.partial.content == "Residents pay on all "


async def test_nobody_listens(connect: Connect) -> None:
    """A server that is not there fails the stream and the way out alike, with a remedy."""
    with WireServer() as server:
        address = server.base_url
    async with connect(base_url=address, **ONE_TRY) as client:
        with pytest.raises(GPOConnectionError, match="GPO_API_BASE_URL") as streaming:
            await _show(client, {"query": "Who pays?"}, StringIO())
        with pytest.raises(GPOConnectionError, match="connection refused"):
            await client.chat(CONTEXT, {"query": "Who pays?"})
    assert "connection refused" in str(streaming.value)


async def test_a_wrong_token_is_refused_before_the_stream(client: Any) -> None:
    """Without a valid token there is no stream, and no chunk."""
    screen = StringIO()
    async with client:
        session = await client.session(SESSION)
        context = {"session_id": session.session_id, "token": "wrong"}
        with pytest.raises(AuthenticationError, match="401"):
            await _show(client, {"query": "Who pays?"}, screen, context)
    assert not screen.getvalue()
