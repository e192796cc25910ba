"""Bytes shaped as the contract says: chunks, events, lines, problems, and the answers made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from threading import Event
from typing import Any

from tests.support.wire_script import Answer

MESSAGE_ID = "msg_01"
TEXT_EVENT_STREAM = {"Content-Type": "text/event-stream; charset=utf-8"}

Chunk = dict[str, Any]


def chunk(content: str | None, **fields: Any) -> Chunk:
    """A StreamingChunk; ``fields`` beat the usual ones."""
    return {"content": content, "sources": None, "is_complete": False, "metadata": None, **fields}


def source(source_id: str = "src_01", **fields: Any) -> dict[str, Any]:
    """A CitationSource."""
    usual = {"title": "RESICO", "relevance_score": 0.9, "url": None, "content_excerpt": "1 to 2.5 per cent"}
    return {"id": source_id, **usual, **fields}


def final(**fields: Any) -> Chunk:
    """The final chunk."""
    metadata = {"message_id": MESSAGE_ID, "model_used": "test-model", "response_time_ms": 12, "chunk_count": 3}
    return {**chunk(None), "sources": [source()], "is_complete": True, "metadata": metadata, **fields}


def sse(data: Chunk | str | bytes, *, id: str | None = None, event: str | None = None) -> bytes:  # noqa: A002 - the field's name
    """One server-sent event."""
    text = json.dumps(data).encode() if isinstance(data, dict) else data.encode() if isinstance(data, str) else data
    fields = [b"event: " + event.encode()] if event else []
    fields += [b"id: " + id.encode()] if id else []
    return b"\n".join([*fields, *(b"data: " + line for line in text.split(b"\n"))]) + b"\n\n"


def numbered(chunks: Iterable[Chunk]) -> list[bytes]:
    """The chunks as events of one message, numbered from 1."""
    return [sse(data, id=f"{MESSAGE_ID}:{number}") for number, data in enumerate(chunks, 1)]


def answer_events(*texts: str) -> list[bytes]:
    """A whole answer: an event for each text, then the final one."""
    return numbered([*map(chunk, texts), final()])


def ndjson(data: Chunk) -> bytes:
    """One line of a line-delimited stream."""
    return json.dumps(data).encode() + b"\n"


def stream_answer(*pieces: bytes | Event, **how: Any) -> Answer:
    """The answer to a request for a stream; ``how`` goes to :class:`Answer`."""
    return Answer(**{"headers": TEXT_EVENT_STREAM, "pieces": pieces, **how})


def json_answer(body: object, status: int = 200, **how: Any) -> Answer:
    """A JSON answer; bytes are taken for JSON as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    usual = {"headers": {"Content-Type": "application/json"}, "framing": "length"}
    return Answer(**{"status": status, "pieces": [data], **usual, **how})


def problem(status: int, code: str = "some_code", **fields: Any) -> dict[str, Any]:
    """A problem document (RFC 9457)."""
    title = {"type": f"https://gpo.example.com/problems/{code}", "title": "Some title", "detail": f"detail of {code}"}
    return {**title, "status": status, "code": code, "request_id": "req_problem", "instance": "/api/Chat", **fields}


def problem_answer(
    status: int, code: str = "some_code", headers: dict[str, str] | None = None, **fields: Any
) -> Answer:
    """An error answer."""
    usual = {"Content-Type": "application/problem+json", "X-Request-ID": "req_header"}
    return json_answer(problem(status, code, **fields), status, headers={**usual, **(headers or {})})


def chat_response(content: str = "1 to 2.5 per cent.", **fields: Any) -> dict[str, Any]:
    """A ChatResponse."""
    usual = {"message_id": MESSAGE_ID, "conversation_id": "conv_01", "message_content": content, "sources": [source()]}
    stamp = {"created_at": "2026-11-01T12:00:00Z", "response_time_ms": 12, "model_used": "test-model"}
    return {**usual, **stamp, **fields}


def page_of(*items: Any, page: int = 1, page_size: int = 20, total_count: int | None = None) -> dict[str, Any]:
    """A page of a list."""
    total = len(items) if total_count is None else total_count
    return {"items": list(items), "page": page, "page_size": page_size, "total_count": total}


def conversation(**fields: Any) -> dict[str, Any]:
    """A Conversation."""
    usual = {"conversation_id": "conv_01", "title": "RESICO", "created_at": "2026-11-01T12:00:00Z", "status": "active"}
    return {**usual, **fields}


def document(**fields: Any) -> dict[str, Any]:
    """A Document."""
    file = {"file_name": "resico.md", "media_type": "text/markdown", "size_bytes": 100, "tags": ["resico"]}
    times = {"created_at": "2026-11-01T12:00:00Z", "modified_at": "2026-11-01T12:00:00Z"}
    return {"document_id": "doc_01", "title": "RESICO", **file, **times, **fields}


def session(token: str = "t0k3n", **fields: Any) -> dict[str, Any]:
    """A Session."""
    usual = {"session_id": "session_01", "expires_at": "2099-11-01T12:00:00Z", "user_id": "user-1"}
    return {"token": token, **usual, **fields}


def opening() -> list[Answer]:
    """The answers to the calls that come before a question: a session, and a conversation in it."""
    return [json_answer(session()), json_answer(conversation())]
