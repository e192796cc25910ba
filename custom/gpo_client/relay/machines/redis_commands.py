"""Commands for Redis, and what is in the replies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from gpo_client.relay.machines.entries import Entry

Command = tuple[Any, ...]


@attrs.define(eq=False)
class Request:
    """Commands that somebody waits for."""

    commands: Sequence[Command]
    replies: list[Any] = attrs.field(factory=list[Any])
    failure: Exception | None = None

    @property
    def is_done(self) -> bool:
        """Whether the replies, or a failure, are there."""
        return self.failure is not None or len(self.replies) == len(self.commands)


def key_of(prefix: str, answer_id: str, part: str) -> str:
    """Return a key.

    In braces is what a Redis cluster decides by, so that all that belongs to an answer is in one place.
    """
    return f"{prefix}{{{answer_id}}}:{part}"


def milliseconds(seconds: float) -> int:
    """Seconds as Redis takes them; never 0, which would mean "now" or "for ever"."""
    return max(1, round(seconds * 1000))


def text_of(value: Any) -> str:
    """Return a reply as text, whether or not the connection decodes."""
    return value.decode() if isinstance(value, bytes) else str(value)


def is_repeated(reply: Exception) -> bool:
    """Whether Redis has an entry already: the reply to an earlier attempt was lost."""
    return "equal or smaller" in str(reply)


def streams_of(reply: Any) -> Iterable[tuple[Any, Any]]:
    """Return the keys and events of a reply to XREAD."""
    # Pairs of key and events in RESP2, a mapping in RESP3, which wraps the events in a list of their own.
    pairs = reply.items() if hasattr(reply, "items") else reply or ()
    for key, events in pairs:
        yield key, events[0] if events and isinstance(events[0], list) else events


def entries_of(events: Any) -> Iterable[Entry]:
    """Return the entries that events of a stream hold."""
    for event_id, fields in events:
        named = {text_of(name): text_of(value) for name, value in fields.items()}
        lines = named["data"].split("\n")
        last = int(text_of(event_id).partition("-")[2])
        for position, data in enumerate(lines, last - len(lines) + 1):
            yield Entry(position, data, named["last"] == "1" and position == last)
