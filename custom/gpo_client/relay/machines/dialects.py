"""Dialects: how an answer is written on an event stream. One object writes one response. Sans-I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import attrs

from gpo_client.relay.machines.entries import HEARTBEAT, Entry, event_of, opening_event, retry_hint

SSE_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    # no-transform: development proxies would compress events, and gather them for that
    "Cache-Control": "no-store, no-transform",
    # nginx would hold events back until it has a buffer full of them
    "X-Accel-Buffering": "no",
}


class Dialect(Protocol):
    """Writes the entries of an answer for one reader."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the response."""
        ...

    def opening(self, answer_id: str, *, is_new: bool) -> bytes:
        """Return the first bytes.

        Args:
            answer_id: Of the answer that follows.
            is_new: Whether the reader asked for it; otherwise it has come back.
        """
        ...

    def entry(self, answer_id: str, entry: Entry) -> bytes:
        """Return the next entry."""
        ...

    def heartbeat(self) -> bytes:
        """Return what fills silence."""
        ...

    def hint(self) -> bytes:
        """Return what is said before a stream ends that is not at its end."""
        ...


@attrs.frozen
class EventSourceDialect:
    """The relay's own, for ``EventSource`` (WHATWG HTML §9.2).

    Attributes:
        retry_ms: How long a browser shall wait before it comes back, in milliseconds.
        headers: The headers of the response.
    """

    retry_ms: int
    headers: Mapping[str, str] = attrs.field(default=SSE_HEADERS, init=False)

    def opening(self, answer_id: str, *, is_new: bool) -> bytes:
        """Return what a browser needs to come back; one that has come back knows it already."""
        return opening_event(answer_id, self.retry_ms) if is_new else self.hint()

    def entry(self, answer_id: str, entry: Entry) -> bytes:
        """One event."""
        return event_of(answer_id, entry)

    def heartbeat(self) -> bytes:
        """Return a comment."""
        return HEARTBEAT

    def hint(self) -> bytes:
        """When to come back."""
        return retry_hint(self.retry_ms)
