"""Sessions, conversations, questions and verdicts against the sandbox, in all runtimes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gpo_client import (
    AuthenticationError,
    ChatContext,
    ChatHistoryEntry,
    ChatRequest,
    ChatResponse,
    ConversationRating,
    ConversationRequest,
    Feedback,
    HandoffFeedback,
    InvalidRequestError,
    NotFoundError,
    SensitiveChatRequest,
    SensitivityMarker,
    SessionContext,
    StreamingChatRequest,
)
from tests.client.users import RESICO, open_session, somebody


async def test_session(client: Any) -> None:
    """Opening a session gives a token that is good for a while; logging out ends it."""
    user = somebody()
    async with client:
        session = await client.session(SessionContext(**user, environment="test"))
        assert session.user_id == user["user_id"]
        assert session.expires_at > datetime.now(UTC)
        assert session.chat_context("conv-1") == ChatContext(
            session_id=session.session_id, token=session.token, conversation_id="conv-1"
        )
        await client.logout(session)
        with pytest.raises(AuthenticationError) as caught:
            await client.list_conversations(session)
    assert caught.value.problem is not None
    assert caught.value.request_id == caught.value.problem.request_id


async def test_conversation(client: Any) -> None:
    """A conversation begins with what was asked for; a model and a mapping say the same."""
    async with client:
        session = await open_session(client)
        model = ConversationRequest(title="RESICO")
        mapping = {"title": "RESICO", "metadata": {"ticket": 7}}
        first, started = [
            await client.start_conversation(session, request, knowledge_assistant_tag="SAT")
            for request in (model, mapping)
        ]
        assert (first.title, first.status) == (started.title, started.status) == ("RESICO", "active")
        assert started.created_at.tzinfo is not None
        assert started.metadata is not None
        assert started.metadata.to_dict() == {"ticket": 7}
        untitled = await client.start_conversation({"session_id": session.session_id, "token": session.token})
        assert untitled.conversation_id != started.conversation_id


async def test_questions(client: Any) -> None:
    """The same question in each form, whole and streamed, gets the same answer with its sources."""
    async with client:
        session = await open_session(client)
        conversation = await client.start_conversation(session)
        context = session.chat_context(conversation.conversation_id)
        whole = [
            await client.chat(context, request)
            for request in ({"query": RESICO}, ChatRequest(query=RESICO), StreamingChatRequest(query=RESICO))
        ]
        streamed = [
            await client.chat_stream(context, request).collect()
            for request in ({"query": RESICO}, ChatRequest(query=RESICO), StreamingChatRequest(query=RESICO))
        ]
    assert {answer.conversation_id for answer in whole} == {conversation.conversation_id}
    assert {answer.message_content for answer in whole} == {answer.content for answer in streamed}
    assert whole[0].sources
    assert [answer.sources for answer in streamed] == [whole[0].sources] * 3
    assert len({answer.message_id for answer in (*whole, *streamed)}) == 6
    assert all(isinstance(answer, ChatResponse) for answer in whole)


async def test_stream_knows_its_ids(client: Any) -> None:
    """A stream tells the id of its request, of its last event and of its message."""
    async with client:
        session = await open_session(client)
        async with client.chat_stream(session, {"query": RESICO}, headers={"X-Request-ID": "mine"}) as stream:
            assert stream.request_id == "mine"
            assert stream.last_event_id is None
            answer = await stream.collect()
            assert stream.last_event_id == f"{answer.message_id}:{answer.chunk_count}"
    assert answer.request_id == "mine"
    assert answer.metadata["chunk_count"] == answer.chunk_count - 1
    assert answer.time_to_first_chunk is not None
    assert answer.duration is not None
    assert answer.duration >= answer.time_to_first_chunk > 0


async def test_sensitive_question(client: Any) -> None:
    """Sensitive data is found and warned of."""
    request = SensitiveChatRequest(
        query="My secret plan and RESICO",
        chat_history=[ChatHistoryEntry(role="user", content="Good morning")],
        sensitivity_markers=[SensitivityMarker(type_="PLAN", start=3, end=14)],
    )
    async with client:
        session = await open_session(client)
        found = await client.chat_sensitive(session, request)
        clean = await client.chat_sensitive(session, {"query": RESICO})
    assert found.sensitive_content_detected
    assert found.compliance_warnings
    assert (clean.sensitive_content_detected, clean.compliance_warnings) == (False, None)
    assert clean.message_content


async def test_verdicts(client: Any) -> None:
    """Feedback on a message, on a handover and on a conversation, as models and as mappings."""
    async with client:
        conversation = await client.open_conversation(somebody(), title="Verdicts")
        context, answer = conversation.context, await conversation.ask(RESICO)
        await client.submit_feedback(context, Feedback(message_id=answer.message_id, like=True))
        await client.submit_feedback(context, {"message_id": answer.message_id, "like": False, "feedback": "wrong"})
        page = await conversation.messages()
        assert [message.liked for message in page.items] == [None, False]
        await client.rate_conversation(context, {"rating": 4})
        rating = ConversationRating(conversation_id=context.conversation_id, rating=5, rating_comment="good")
        await client.rate_conversation(context, rating)
        await client.submit_handoff_feedback(context, {"is_clarified": False})
        done = HandoffFeedback(conversation_id=context.conversation_id, is_clarified=True)
        await client.submit_handoff_feedback(context, done)
        closed = await client.list_closed_conversations(context)
        assert [item.conversation_id for item in closed.items] == [context.conversation_id]
        with pytest.raises(NotFoundError):
            await client.submit_feedback(context, {"message_id": "nobody"})


async def test_conversation_handle(client: Any) -> None:
    """A handle asks, streams, lists and rates in its own conversation."""
    async with client:
        conversation = await client.open_conversation(somebody(), title="Handle")
        assert conversation.conversation.title == "Handle"
        asked = await conversation.ask(RESICO, timeout=30)
        async with conversation.stream(RESICO, headers={"X-Request-ID": "handle-1"}) as stream:
            streamed = await stream.collect()
        assert streamed.request_id == "handle-1"
        page = await conversation.messages(page_size=3)
        assert [message.role async for message in page] == ["user", "assistant"] * 2
        assert page.total_count == 4
        await conversation.rate(5, comment="clear")
        with pytest.raises(InvalidRequestError) as caught:
            await conversation.rate(6)
    assert caught.value.field == "rating"
    assert asked.message_content == streamed.content
