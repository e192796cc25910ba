"""Documents in a stream that tell of an error, with or without an event name that says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from gpo_client.models.json_text import UNREADABLE, decode_json, is_list, is_object
from gpo_client.models.problem import Problem, problem_from

# How much of a document is told that has no words of its own.
_MOST_SHOWN = 500

# In so many bytes every problem has room.
_LARGEST = 512 * 1024

# Members whose value "error" says what the document is.
_KINDS = ("type", "object", "status", "event")


def tells_of_error(raw: Mapping[str, Any], *, is_chunk: bool) -> bool:
    """Whether a JSON object tells of an error instead of being a piece of the answer.

    An ``error`` (or ``errors``) that says anything does, whatever stands beside it, and so does ``"type": "error"``.
    A problem document (RFC 9457, FastAPI) does only where nothing of a chunk is: a chunk may have a ``title``.

    Args:
        raw: The object, or what it has besides the members of a chunk.
        is_chunk: Whether it has members of a chunk.

    >>> tells_of_error({"error": None}, is_chunk=True), tells_of_error({"error": "busy"}, is_chunk=True)
    (False, True)
    >>> tells_of_error({"title": "Overloaded", "status": 503}, is_chunk=False)
    True
    """
    if any(_says(raw.get(name)) for name in ("error", "errors")) or any(raw.get(name) == "error" for name in _KINDS):
        return True
    return not is_chunk and _is_problem(raw)


def problem_of(raw: object, data: bytes) -> Problem:
    """Return the problem that a document tells of, in its own words.

    Args:
        raw: The decoded document.
        data: The same as it arrived: shown, if nothing in it can be read as words.
    """
    problem = problem_from(raw)
    if problem.detail or problem.title or problem.code or not raw:
        return problem
    content = raw.get("content") if is_object(raw) else None
    words = content if isinstance(content, str) and content.strip() else _shown(data)
    return attrs.evolve(problem, detail=words)


def find_problem(data: bytes) -> Problem | None:
    """Return the problem that a document tells of; None when it is no JSON, or tells of none."""
    try:
        raw = decode_json(data)
    except UNREADABLE:
        return None
    return problem_of(raw, data) if is_object(raw) and tells_of_error(raw, is_chunk=False) else None


def read_problem(data: bytes) -> Problem:
    """Return the problem in the data of an event that is an error by its name: a document, or plain text."""
    try:
        return Problem(detail=_shown(data)) if len(data) > _LARGEST else problem_of(decode_json(data), data)
    except UNREADABLE:
        return Problem(detail=_shown(data))


def _is_problem(raw: Mapping[str, Any]) -> bool:
    status = next((raw[name] for name in ("status", "statusCode", "status_code", "code") if raw.get(name)), None)
    is_error_status = str(status).isdecimal() and 400 <= int(str(status)[:9]) < 1_000_000
    has_words = any(_says(raw.get(name)) for name in ("title", "message", "detail"))
    has_type = isinstance(raw.get("type"), str) and raw["type"].startswith(("about:", "http:", "https:", "urn:", "/"))
    return _says(raw.get("detail")) or (has_words and (is_error_status or has_type))


def _says(value: object) -> bool:
    """Whether there is anything in a value: ``{"code": 0, "message": ""}`` says nothing."""
    left = [value]  # not by recursion: the document may be nested as deep as the stack allows
    while left:
        part = left.pop()
        if is_object(part) or is_list(part):
            left += part.values() if is_object(part) else part
        elif part:
            return True
    return False


def _shown(data: bytes) -> str | None:
    return data[: 8 * _MOST_SHOWN].decode("utf-8", "replace").strip()[:_MOST_SHOWN] or None
