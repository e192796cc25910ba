"""Asking a question and showing its answer."""

from __future__ import annotations

import time
from textwrap import shorten
from typing import Any

import attrs

from gpo_client.cli.connection import Connection
from gpo_client.cli.views import AnswerFacts, AnswerView
from gpo_client.models.answer import ChatResponse, SensitiveChatResponse
from gpo_client.models.stream import StreamingChunk
from gpo_client.printable import one_line

_TITLE_CHARS = 80


@attrs.frozen(kw_only=True)
class Question:
    """A question, and how it is asked.

    Attributes:
        text: What is asked.
        conversation_id: The conversation it belongs to.
        streamed: Whether the answer shall come piece by piece.
        sensitive: Whether it may hold sensitive data. Such answers come whole: the service checks them.
    """

    text: str = ""
    conversation_id: str = ""
    streamed: bool = True
    sensitive: bool = False


def in_conversation(connection: Connection, question: Question) -> Question:
    """Return the question with the conversation it belongs to, a new one named after it if there is none yet."""
    if question.conversation_id:
        return question
    # Titles are shown in lists, where a sensitive question has no business.
    title = None if question.sensitive else shorten(one_line(question.text), _TITLE_CHARS, placeholder="…")
    started = connection.client.start_conversation(connection.session, {"title": title or None})
    return attrs.evolve(question, conversation_id=started.conversation_id)


def ask(connection: Connection, question: Question, view: AnswerView) -> None:
    """Ask a question and show the answer as it comes.

    Raises:
        GPOClientError: As for any call; what had arrived is on view.
    """
    with view:
        connection.progress.tell = view.status
        if question.streamed and not question.sensitive:
            _stream(connection, question, view)
        else:
            _ask_whole(connection, question, view)


def _stream(connection: Connection, question: Question, view: AnswerView) -> None:
    context = connection.session.chat_context(question.conversation_id)
    with connection.client.chat_stream(context, {"query": question.text}) as stream:
        for chunk in stream:
            view.chunk(chunk)
        told = stream.partial
    view.finish(
        AnswerFacts(
            conversation_id=question.conversation_id,
            message_id=told.message_id,
            first_chunk_s=told.time_to_first_chunk,
            duration_s=told.duration,
            resume_count=told.resume_count,
        )
    )


def _ask_whole(connection: Connection, question: Question, view: AnswerView) -> None:
    began = time.monotonic()
    client = connection.client
    request: dict[str, Any] = {"query": question.text}
    context = connection.session.chat_context(question.conversation_id)
    answer = client.chat_sensitive(context, request) if question.sensitive else client.chat(context, request)
    view.chunk(_as_chunk(answer))
    view.finish(
        AnswerFacts(
            conversation_id=answer.conversation_id,
            message_id=answer.message_id,
            duration_s=time.monotonic() - began,
            warnings=(answer.compliance_warnings or ()) if isinstance(answer, SensitiveChatResponse) else (),
        )
    )


def _as_chunk(answer: ChatResponse) -> StreamingChunk:
    """Return a whole answer in the shape of a stream's only chunk, so that whoever reads JSON reads one shape."""
    metadata: dict[str, Any] = {
        "message_id": answer.message_id,
        "model_used": answer.model_used,
        "response_time_ms": answer.response_time_ms,
    }
    if isinstance(answer, SensitiveChatResponse):
        metadata["sensitive_content_detected"] = answer.sensitive_content_detected
        metadata["compliance_warnings"] = answer.compliance_warnings or []
    return StreamingChunk(content=answer.message_content, sources=answer.sources, is_complete=True, metadata=metadata)
