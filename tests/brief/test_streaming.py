"""Reading an answer while it is written."""

from __future__ import annotations

import json
import re
from typing import Any

from gpo_client import ChatContext, CitationSource, SessionContext, StreamingChatRequest, StreamingChunk
from tests.support.question import SESSION

QUESTION = "Which tax incentives are there for research and development?"


async def _chunks(client: Any, question: str = QUESTION) -> list[StreamingChunk]:
    conversation = await client.open_conversation(SESSION)
    return [chunk async for chunk in client.chat_stream(conversation.context, {"query": question})]


async def test_from_session_to_sources_step_by_step(client: Any) -> None:
    """Session, conversation and question with the models; the final chunk, and it alone, carries the sources."""
    async with client:
        session = await client.session(
            SessionContext(instance_id="advisory-001", user_id="user-1", project_id="project-1")
        )
        in_session = ChatContext(session_id=session.session_id, token=session.token)
        conversation = await client.start_conversation(context=in_session, request={"title": "Incentives"})
        context = ChatContext(
            session_id=session.session_id, token=session.token, conversation_id=conversation.conversation_id
        )
        request = StreamingChatRequest(query=QUESTION, use_openai=True, stream=True)
        chunks = [chunk async for chunk in client.chat_stream(context=context, request=request)]
        asked, answered = [message async for message in await client.list_messages(context)]
    *first, final = chunks
    assert conversation.title == "Incentives"
    assert [chunk.is_complete for chunk in chunks] == [*(False for _ in first), True]
    assert not any(chunk.sources for chunk in first)
    assert final.sources is not None
    assert all(source.title for source in final.sources)
    assert (asked.role, asked.content) == ("user", QUESTION)
    assert answered.content == "".join(chunk.content or "" for chunk in chunks)


async def test_sources_become_plain_data(client: Any) -> None:
    """What an application stores of the sources is JSON, and matches the citations in the text."""
    async with client:
        chunks = await _chunks(client)
    text = "".join(chunk.content or "" for chunk in chunks)
    sources: list[CitationSource] = [source for chunk in chunks for source in chunk.sources or []]
    stored = [{"title": s.title, "relevance": s.relevance_score, "excerpt": s.content_excerpt} for s in sources]
    assert json.loads(json.dumps(stored)) == stored
    assert {int(number) for number in re.findall(r"\[(\d+)\]", text)} == set(range(1, len(stored) + 1))
    assert all(0 < source["relevance"] <= 1 for source in stored if isinstance(source["relevance"], float))
    assert all(str(source["excerpt"]).removesuffix("…") in text for source in stored)


async def test_an_answer_without_sources(client: Any) -> None:
    """A question that nothing is known about is answered without sources, and the stream ends properly."""
    async with client:
        chunks = await _chunks(client, "Who won the chess olympiad?")
    assert chunks[-1].is_complete
    assert not any(chunk.sources for chunk in chunks)
