"""Commands for Redis, what is in the replies, and how far Redis has an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.following import LOSS_S

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


@attrs.define
class OwnAnswer:
    """An answer that this process writes: whose it is, when its writer was last seen, and how far Redis has it.

    It has it in so many pieces; one was sent up to a position, and its reply may not have come. The time is that of
    the exchange.
    """

    owner: str
    seen_at: float
    written: int = 0
    pieces: int = 0
    sent: int = 0


@attrs.define
class MirroredAnswer:
    """An answer that another process writes: how far it is here, and what was said of its readers.

    The time is that of the exchange, too: what is missing is missed while Redis can be asked for it.
    """

    written: int = 0
    told: int = -1
    gap_since: float | None = None
    silent_since: float | None = None

    def waits_for(self, position: int, now: float) -> bool:
        """Whether something before a position is missing that may yet come."""
        if position == self.written + 1:
            self.gap_since = None
            return False
        self.gap_since = now if self.gap_since is None else self.gap_since
        return now - self.gap_since < LOSS_S

    def is_given_up(self, now: float, *, is_alive: bool) -> bool:
        """Whether the writer has been missing for too long; ``is_alive``: it has just been seen."""
        self.silent_since = None if is_alive else now if self.silent_since is None else self.silent_since
        return self.silent_since is not None and now - self.silent_since >= LOSS_S

    def cannot_be_asked_for(self) -> None:
        """Redis is away: whatever is missing will be missed anew."""
        self.gap_since = self.silent_since = None


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
        last = int(text_of(event_id).removeprefix("0-"))
        for position, data in enumerate(lines, last - len(lines) + 1):
            yield Entry(position, data, named["last"] == "1" and position == last)


def without_gap(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries up to the first of which the one before is missing."""
    found: list[Entry] = []
    for entry in entries:
        if found and entry.position > found[-1].position + 1:
            break
        if not found or entry.position > found[-1].position:
            found.append(entry)
    return found
