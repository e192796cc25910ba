"""Kinds of events: names, end markers, errors in place of chunks, and the ways in which what came can end a stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import attrs

from gpo_client.models.json_text import UNREADABLE, decode_json, has_too_many_values, is_list, is_object
from gpo_client.models.problem import Problem, problem_from

#: The event types that carry chunks by the contract.
CHUNK_TYPES = (b"", b"message")
#: What some servers write instead of a last chunk.
END_MARKERS = (b"[DONE]", b'"[DONE]"')

# How many names are kept, and how much of each: there may be a new one in every event.
_MOST_NAMES = 8
_LONGEST_NAME = 40
# Of an event of another name nothing larger, in bytes, is looked at as what may be a chunk.
_LARGEST_CHUNK = 8 * 1024 * 1024

# What servers call the events that only keep a connection open.
_SIGNS_OF_LIFE = {"ping", "heartbeat", "keepalive", "keep-alive", "keep_alive"}

# The members of a chunk that show what it is, and their types.
_SHAPE: dict[str, type] = {"content": str, "sources": list, "is_complete": bool, "metadata": dict}


class EventNames:
    """Which events are chunks, by their names and, where a name is not the contract's, by what they hold.

    The contract knows unnamed events and those named ``message``; events of other names are ignored. But there are
    servers that call their chunks ``token`` or ``delta``: an event that holds the JSON of a chunk is one, and so are
    all events of its name from then on.

    >>> names = EventNames()
    >>> names.are_chunks(b"ping", b"{}"), names.are_chunks(b"token", b'{"content": "a"}')
    (False, True)
    >>> names.story
    "chunks came in events of the name 'token'; events of the name 'ping' were ignored"
    """

    def __init__(self) -> None:
        self._adopted: list[bytes] = []
        self._ignored: list[str] = []
        self._members: list[str] = []

    def are_chunks(self, kind: bytes, data: bytes) -> bool:
        """Whether an event is a chunk, or an end marker or an error in a chunk's place."""
        if kind in CHUNK_TYPES or kind in self._adopted:
            return True
        if len(self._adopted) < _MOST_NAMES and holds_chunk(data):
            self._adopted.append(kind)
            return True
        if (name := _shown_name(kind)) not in self._ignored and len(self._ignored) < _MOST_NAMES:
            self._ignored.append(name)
        return False

    def note_stranger(self, members: Iterable[str]) -> None:
        """Note the members of an object in a chunk's place that has nothing of a chunk."""
        new = [name for name in islice(members, _MOST_NAMES) if name[:_LONGEST_NAME] not in self._members]
        self._members += (name[:_LONGEST_NAME] for name in new[: _MOST_NAMES - len(self._members)])

    @property
    def hold_strangers(self) -> bool:
        """Whether there was anything that may have been an answer in a dialect that nobody here knows."""
        return self.hide_something or bool(self._members)

    @property
    def hide_something(self) -> bool:
        """Whether events were ignored that do more than keep the connection open."""
        return any(name.lower() not in _SIGNS_OF_LIFE for name in self._ignored)

    @property
    def story(self) -> str:
        """What to say of a stream that failed; ``""`` when all its events had names of the contract."""
        parts = [("chunks came in events of the name {}", [*map(_shown_name, self._adopted)])]
        parts.append(("events of the name {} were ignored", self._ignored))
        parts.append(("objects had nothing of a chunk, but {}", self._members))
        return "; ".join(text.format(", ".join(map(repr, names))) for text, names in parts if names)


def holds_chunk(data: bytes) -> bool:
    """Whether data is a JSON object that can be nothing but a chunk.

    >>> holds_chunk(b'{"content": "a"}'), holds_chunk(b'{"content": 5}'), holds_chunk(b'{"usage": 5}')
    (True, False, False)
    """
    if not data.lstrip().startswith(b"{") or has_too_many_values(data, _LARGEST_CHUNK, is_event=True):
        return False
    try:
        raw = decode_json(data)
    except UNREADABLE:
        return False
    given: dict[str, Any] = {name: raw.get(name) for name in _SHAPE}
    return any(value is not None for value in given.values()) and all(
        value is None or isinstance(value, _SHAPE[name]) for name, value in given.items()
    )


def _shown_name(kind: bytes) -> str:
    return kind[: 4 * _LONGEST_NAME].decode("utf-8", "replace")[:_LONGEST_NAME]


# How much of a document is told that has no words of its own.
_MOST_SHOWN = 500

# In so many bytes every problem has room.
_LARGEST_PROBLEM = 512 * 1024

# Some services have codes of six digits for statuses.
_LONGEST_STATUS = 6

# Members whose value "error" says what the document is.
_KINDS = ("type", "object", "status", "event")


def tells_of_error(raw: Mapping[str, Any], *, is_chunk: bool = False) -> bool:
    """Whether a JSON object tells of an error instead of being a piece of the answer.

    An ``error`` (or ``errors``) that says anything does, whatever stands beside it, and so does ``"type": "error"``. A
    problem document (RFC 9457, FastAPI) does only where nothing of a chunk is: a chunk may have a ``title``.

    >>> tells_of_error({"error": None}, is_chunk=True), tells_of_error({"error": "busy"}, is_chunk=True)
    (False, True)
    >>> tells_of_error({"title": "Overloaded", "status": 503})
    True
    """
    if any(_says(raw.get(name)) for name in ("error", "errors")) or any(raw.get(name) == "error" for name in _KINDS):
        return True
    return not is_chunk and _is_problem(raw)


def problem_of(raw: object, data: bytes) -> Problem:
    """Return the problem that a document tells of; ``data``, as it arrived, if nothing in it can be read as words."""
    problem = problem_from(raw)
    if problem.detail or problem.title or problem.code or not raw:
        return problem
    content = raw.get("content") if is_object(raw) else None
    words = content if isinstance(content, str) and content.strip() else _excerpt(data)
    return attrs.evolve(problem, detail=words)


def find_problem(data: bytes) -> Problem | None:
    """Return the problem that a document tells of; None when it is no JSON, or tells of none."""
    try:
        raw = decode_json(data)
    except UNREADABLE:
        return None
    return problem_of(raw, data) if is_object(raw) and tells_of_error(raw) else None


def read_problem(data: bytes) -> Problem:
    """Return the problem in the data of an event that is an error by its name: a document, or plain text."""
    try:
        return Problem(detail=_excerpt(data)) if len(data) > _LARGEST_PROBLEM else problem_of(decode_json(data), data)
    except UNREADABLE:
        return Problem(detail=_excerpt(data))


def _is_problem(raw: Mapping[str, Any]) -> bool:
    status = str(next((raw[name] for name in ("status", "statusCode", "status_code", "code") if raw.get(name)), None))
    is_error_status = len(status) <= _LONGEST_STATUS and status.isdecimal() and int(status) >= 400
    has_words = _says(raw.get("title")) or _says(raw.get("message"))
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


def _excerpt(data: bytes) -> str | None:
    return data[: 8 * _MOST_SHOWN].decode("utf-8", "replace").strip()[:_MOST_SHOWN] or None


@attrs.frozen
class Complete:
    """The final chunk, or the end marker, has arrived: the same to all but who wonders where the answer is."""

    is_marked: bool = attrs.field(default=False, eq=False)


@attrs.frozen
class Malformed:
    """The stream broke the contract; ``detail`` says how."""

    detail: str


@attrs.frozen
class Oversized:
    """An event went over the limit: of ``values``, if it had too many, else of bytes."""

    values: int | None = None


@attrs.frozen
class Overlong:
    """The stream as a whole went over its limit."""


@attrs.frozen
class ServerProblem:
    """The server ended the stream with a problem of its own."""

    # Not shown: it may repeat a token, and tracebacks may show the variables of every frame.
    problem: Problem = attrs.field(repr=False)


@attrs.frozen
class NoStream:
    """The bytes are neither events nor lines of JSON; ``beginning`` is how they begin."""

    beginning: str = attrs.field(repr=False)


@attrs.frozen
class Unproven:
    """A new connection does not show where it continues; ``detail`` says why."""

    detail: str


#: How a stream, or one of its connections, can end by its own content.
End = Complete | Malformed | Oversized | Overlong | ServerProblem | NoStream | Unproven
