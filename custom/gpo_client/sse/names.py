"""The names of a stream's events: under which of them chunks came, and which were ignored."""

from __future__ import annotations

from typing import Any

from gpo_client.models.json_bounds import has_too_many_values
from gpo_client.models.json_text import UNREADABLE, decode_json, is_object

#: The event types that carry chunks by the contract.
CHUNK_TYPES = (b"", b"message")

# How many names are kept, and how much of each: there may be a new one in every event.
_MOST_NAMES = 8
_LONGEST_NAME = 40
# Of an event of another name nothing larger, in bytes, is looked at as what may be a chunk.
_LARGEST = 8 * 1024 * 1024

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

    def are_chunks(self, kind: bytes, data: bytes) -> bool:
        """Whether an event is a chunk, or an end marker or an error in a chunk's place."""
        if kind in CHUNK_TYPES or kind in self._adopted:
            return True
        if len(self._adopted) < _MOST_NAMES and holds_chunk(data):
            self._adopted.append(kind)
            return True
        if (name := _shown(kind)) not in self._ignored and len(self._ignored) < _MOST_NAMES:
            self._ignored.append(name)
        return False

    @property
    def hide_something(self) -> bool:
        """Whether events were ignored that do more than keep the connection open."""
        return any(name.lower() not in _SIGNS_OF_LIFE for name in self._ignored)

    @property
    def story(self) -> str:
        """What to say of a stream that failed; ``""`` when all its events had names of the contract."""
        parts = [("chunks came in events of the name {}", [*map(_shown, self._adopted)])]
        parts.append(("events of the name {} were ignored", self._ignored))
        return "; ".join(text.format(", ".join(map(repr, names))) for text, names in parts if names)


def holds_chunk(data: bytes) -> bool:
    """Whether data is a JSON object that can be nothing but a chunk.

    >>> holds_chunk(b'{"content": "a"}'), holds_chunk(b'{"content": 5}'), holds_chunk(b'{"usage": 5}')
    (True, False, False)
    """
    if not data.lstrip().startswith(b"{") or has_too_many_values(data, _LARGEST):
        return False
    try:
        raw = decode_json(data)
    except UNREADABLE:
        return False
    given: dict[str, Any] = {name: raw.get(name) for name in _SHAPE} if is_object(raw) else {}
    return any(value is not None for value in given.values()) and all(
        value is None or isinstance(value, _SHAPE[name]) for name, value in given.items()
    )


def _shown(kind: bytes) -> str:
    return kind[: 4 * _LONGEST_NAME].decode("utf-8", "replace")[:_LONGEST_NAME]
