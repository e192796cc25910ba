"""Server-sent events for whoever reads a stream by hand: the public decoder, and what it gives."""

from __future__ import annotations

import attrs

from gpo_client.exceptions import StreamLimitError
from gpo_client.models.stream import StreamedResponse
from gpo_client.sse.parser import EventParser, RawEvent


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


class SSEDecoder:
    r"""Decode ``text/event-stream`` bytes to events, to the letter of the WHATWG standard (HTML §9.2).

    Sans-I/O: it reads nothing itself, so it works with any transport, sync or async. Feed it the bytes as they come,
    however they are cut; it hands out each event on the byte that completes it. Invalid UTF-8 becomes U+FFFD. An
    event that no blank line has finished when the stream ends is dropped.

    Thread and task safety: it has one owner; calls must not overlap.

    Args:
        max_event_bytes: The largest event to hold in memory, in bytes; None (the default) for no limit.

    >>> decoder = SSEDecoder()
    >>> decoder.feed(b"id: 1\ndata: Mexico ta")
    []
    >>> decoder.feed(b"xes\n\nretry: 500\n")
    [ServerSentEvent(data='Mexico taxes', event='message', id='1', retry=None)]
    >>> decoder.last_event_id, decoder.retry
    ('1', 500)
    >>> decoder.close()
    []
    """

    def __init__(self, *, max_event_bytes: int | None = None) -> None:
        self._max_event_bytes = max_event_bytes
        self._parser = EventParser(max_event_bytes)

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Return the events that ``data`` completes, in order.

        Args:
            data: The next bytes of the stream, in any portion.

        Raises:
            StreamLimitError: An event is larger than ``max_event_bytes``. The events before it are handed out first;
                the call after that raises, and so does every later one.
        """
        events = [_to_event(raw) for raw in self._parser.feed(data)]
        if self._parser.oversized and not events:
            raise self._too_large()
        return events

    def close(self) -> list[ServerSentEvent]:
        """Tell the end of the stream. Always an empty list: the standard drops an unfinished event.

        Raises:
            StreamLimitError: The stream did not come to its end, because an event is larger than ``max_event_bytes``.
        """
        if self._parser.oversized:
            raise self._too_large()
        return [_to_event(raw) for raw in self._parser.close()]

    @property
    def last_event_id(self) -> str:
        """The last event id string: what a client sends as ``Last-Event-ID`` when it reconnects."""
        return _text(self._parser.last_event_id)

    @property
    def retry(self) -> int | None:
        """The reconnection time the server asked for last, in milliseconds; None if it never did."""
        return self._parser.retry

    def _too_large(self) -> StreamLimitError:
        return StreamLimitError(
            oversized_message(self._max_event_bytes), partial=StreamedResponse(), last_event_id=self.last_event_id
        )


def oversized_message(limit: int | None, values: int | None = None) -> str:
    """Return the sentence that says an event was too large, and what to do about it.

    Args:
        limit: How many bytes it may have.
        values: How many values it may have, if they were too many.
    """
    size = f"{limit} bytes" if values is None else f"{values} values, as max_event_bytes ({limit}) allows"
    return f"the server sent an event of more than {size}; raise max_event_bytes if it is to be expected"


def _to_event(raw: RawEvent) -> ServerSentEvent:
    kind, data, last_event_id, retry, _ = raw
    return ServerSentEvent(_text(data), _text(kind) or "message", _text(last_event_id), retry)


def _text(raw: bytes) -> str:
    # Event by event gives the same text as the whole stream at once: the line ends around it are ASCII, and the
    # replacement of an invalid sequence never swallows an ASCII byte.
    return raw.decode("utf-8", "replace")
