"""Rows of answers: what is kept of a result, under the names that evaluation tools read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpo_client.models.answer import BatchResult, ChatResponse
from gpo_client.models.stream import StreamedResponse

#: The columns of an answer, in the order of tables.
COLUMNS = (
    "key",
    "user_input",
    "response",
    "retrieved_contexts",
    "sources",
    "error",
    "status_code",
    "request_id",
    "message_id",
    "model_used",
    "attempts",
    "throttled",
    "seconds",
    "waited_seconds",
    "first_chunk_seconds",
)


def answer_row(result: BatchResult[Any], key: str, question: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a result: the columns of the question, and then ours.

    ``user_input``, ``response`` and ``retrieved_contexts`` are what ragas calls the question, the answer's text and the
    cited passages.

    Args:
        result: The result.
        key: What tells the question from all others.
        question: Its text.
        fields: Its own columns; ours win.
    """
    answer, error = result.answer, result.error
    sources = [] if error is not None else result.sources
    return {
        **fields,
        "key": key,
        "user_input": question,
        "response": result.text if answer is not None else None,
        "retrieved_contexts": [source.content_excerpt for source in sources if source.content_excerpt],
        "sources": [{"id": source.id, "title": source.title, "score": source.relevance_score} for source in sources],
        "error": None if error is None else f"{type(error).__name__}: {error.message}",
        "status_code": None if error is None else error.status_code,
        "request_id": error.request_id if error is not None else getattr(answer, "request_id", None),
        "message_id": getattr(answer, "message_id", None),
        "model_used": _model(answer),
        "attempts": result.attempts,
        "throttled": result.throttled,
        "seconds": round(result.duration, 4),
        "waited_seconds": round(result.waited, 4),
        "first_chunk_seconds": _rounded(result.time_to_first_chunk),
    }


def _model(answer: ChatResponse | StreamedResponse | None) -> Any:
    if isinstance(answer, ChatResponse):
        return answer.model_used
    return None if answer is None else answer.metadata.get("model_used")


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)
