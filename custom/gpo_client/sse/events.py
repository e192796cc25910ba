"""One server-sent event."""

from __future__ import annotations

import attrs


@attrs.frozen
class ServerSentEvent:
    """An event as the WHATWG event-stream format defines it.

    Attributes:
        data: The payload: the event's ``data`` lines joined by line feeds.
        event: The event type; ``"message"`` when the server named none.
        id: The last event id in force; ``""`` when the server has set none or emptied it. An id stays in force for
            the events that follow until the server sets another.
        retry: The reconnection time this event's block set, in milliseconds; None when it set none.

    >>> ServerSentEvent(data="hello").event
    'message'
    """

    data: str
    event: str = "message"
    id: str = ""
    retry: int | None = None
