"""Asking a question and showing its answer."""

from __future__ import annotations

import time
from typing import Any

import attrs

from gpo_client.cli.answer.view import AnswerFacts, AnswerView
from gpo_client.cli.connection import Connection
from gpo_client.models.answer import ChatResponse, SensitiveChatResponse
from gpo_client.models.session import ChatContext
from gpo_client.models.stream import StreamingChunk


@attrs.frozen(kw_only=True)
class Manner:
    """How questions are asked.

    Attributes:
        streamed: Whether the answer shall come piece by piece.
        sensitive: Whether the questions may hold sensitive data. Such answers come whole: the service checks them.
    """

    streamed: bool = True
    sensitive: bool = False


def ask(connection: Connection, conversation_id: str, question: str, manner: Manner, view: AnswerView) -> None:
    """Ask a question and show the answer as it comes.

    Raises:
        GPOClientError: As for any call; what had arrived is on view.
    """
    context = connection.session.chat_context(conversation_id)
    with view:
        connection.progress.tell = view.status
        if manner.streamed and not manner.sensitive:
            _stream(connection, context, question, view)
        else:
            _ask_whole(connection, context, question, view, sensitive=manner.sensitive)


def _stream(connection: Connection, context: ChatContext, question: str, view: AnswerView) -> None:
    with connection.client.chat_stream(context, {"query": question}) as stream:
        for chunk in stream:
            view.chunk(chunk)
        told = stream.partial
    view.finish(
        AnswerFacts(
            conversation_id=context.conversation_id or "",
            message_id=told.message_id,
            first_chunk_s=told.time_to_first_chunk,
            duration_s=told.duration,
            resume_count=told.resume_count,
        )
    )


def _ask_whole(
    connection: Connection, context: ChatContext, question: str, view: AnswerView, *, sensitive: bool
) -> None:
    began = time.monotonic()
    request = {"query": question}
    client = connection.client
    answer = client.chat_sensitive(context, request) if sensitive else client.chat(context, request)
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
    """A whole answer in the shape of a stream's only chunk, so that whoever reads JSON reads one shape."""
    metadata: dict[str, Any] = {
        "message_id": answer.message_id,
        "model_used": answer.model_used,
        "response_time_ms": answer.response_time_ms,
    }
    if isinstance(answer, SensitiveChatResponse):
        metadata["sensitive_content_detected"] = answer.sensitive_content_detected
        metadata["compliance_warnings"] = answer.compliance_warnings or []
    return StreamingChunk(content=answer.message_content, sources=answer.sources, is_complete=True, metadata=metadata)
