"""Questions: what was typed, what is piped in, or both; asking one and showing its answer."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from textwrap import shorten
from typing import Any

import attrs

from gpo_client.cli.exit_codes import CommandError, usage
from gpo_client.cli.options import Connection
from gpo_client.cli.views import AnswerFacts, AnswerView
from gpo_client.models.answer import ChatResponse, SensitiveChatResponse
from gpo_client.models.stream import StreamingChunk
from gpo_client.printable import one_line

#: The longest question that the service accepts, in characters (``query`` in openapi.yaml).
MOST_CHARS = 32_768
# UTF-8 takes at most so many for each.
_MOST_BYTES = 4 * MOST_CHARS
_TITLE_CHARS = 80


@attrs.frozen(kw_only=True)
class Question:
    """A question, and how it is asked."""

    text: str = ""
    conversation_id: str = ""
    streamed: bool = True  # whether the answer shall come piece by piece
    sensitive: bool = False  # whether it may hold sensitive data. Such answers come whole: the service checks them


def in_conversation(connection: Connection, question: Question) -> Question:
    """Return the question with the conversation it belongs to, a new one named after it if there is none yet."""
    if question.conversation_id:
        return question
    # Titles are shown in lists, where a sensitive question has no business.
    title = None if question.sensitive else shorten(one_line(question.text), _TITLE_CHARS, placeholder="…")
    started = connection.client.start_conversation(connection.session, {"title": title or None})
    return attrs.evolve(question, conversation_id=started.conversation_id)


def ask(connection: Connection, question: Question, view: AnswerView) -> None:
    """Ask a question and show the answer as it comes. When it fails, what had arrived is on view."""
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


def read_question(given: str | None, *, from_stdin: bool) -> str | None:
    """Return the question, typed or (``from_stdin``, or nothing typed) piped in; None when somebody sits at the
    terminal and has not asked one yet. Raises CommandError if there is none, it is too long, or no text.
    """
    if given is None and not from_stdin and _is_terminal(sys.stdin):
        return None
    piped = "" if _is_terminal(sys.stdin) and not from_stdin else _piped(wanted=given is None or from_stdin)
    text = "\n\n".join(part for part in (given or "", piped) if part.strip())
    if not text:
        raise usage("the question is empty")
    if len(text) > MOST_CHARS and piped:
        raise _too_long()
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise usage("the question is not text in UTF-8") from error
    return text


def read_input(path: Path) -> str:
    """Read the text in a file, or in standard input when its name is ``-``. Raises CommandError if it is no text."""
    if str(path) == "-":
        return _piped(wanted=True)
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise usage(f"{path} is not text in UTF-8") from error


def _is_terminal(stream: Any) -> bool:
    return stream is not None and stream.isatty()


def _piped(*, wanted: bool) -> str:
    """Return what standard input holds, without blank lines around it.

    Nothing where there is none, unless it is wanted.
    """
    try:
        data = sys.stdin.buffer.read(_MOST_BYTES + 1)
    except (AttributeError, OSError, ValueError) as error:  # closed by whoever started the process, or not to be read
        if wanted:
            raise usage("there is no question: standard input is closed") from error
        return ""
    if len(data) > _MOST_BYTES:
        raise _too_long()
    try:
        return data.decode("utf-8-sig").lstrip("\r\n").rstrip()
    except UnicodeDecodeError as error:
        raise usage("what is piped in is not text in UTF-8") from error


def _too_long() -> CommandError:
    return usage(f"the question with what is piped in is longer than {MOST_CHARS:,} characters: send less of it")
