"""Server-sent events from servers that forget the blank lines."""

from __future__ import annotations

import msgspec

from gpo_client.streaming.parser import EventParser, RawEvent

#: The event types that carry chunks; the contract ignores the others.
CHUNK_TYPES = (b"", b"message")

#: What some servers write instead of a last chunk.
END_MARKER = b"[DONE]"


class LenientEventParser(EventParser):
    """Also read a stream that puts one JSON document on each ``data`` line and no blank lines between them.

    By the standard such a stream is one endless event. It gives itself away when a second ``data`` line follows one
    that is a whole JSON document already, for two documents joined by a line feed are no JSON. From then on each line
    is an event as soon as it ends; the last one needs no line end. It has no id then: which line an ``id`` belongs to
    cannot be told, and to resume from a wrong one would lose or repeat text.

    A stream of standard events is read exactly as :class:`EventParser` reads it, pretty-printed JSON included, and
    plain text in events of other names too.
    """

    def __init__(self, max_event_bytes: int | None = None) -> None:
        super().__init__(max_event_bytes)
        self._sloppy = False
        self._regular = False  # a blank line has dispatched something: the server knows the format
        self._first_type = b""  # the type as it was at the block's first data line: a later one may be the next line's

    def close(self) -> list[RawEvent]:
        """The end of the stream: a lone, whole document on its only line is an event, if no blank line ever came.

        With an id it is none: a server that numbers its events may have been cut off just before the blank line, and
        then the event will come again.
        """
        events: list[RawEvent] = []
        if not self._regular and not self.oversized:
            name, _, value = self._lines.close().partition(b":")
            if name == b"data" and (is_document(value) or value.strip() == END_MARKER):
                self._add_data(value.removeprefix(b" "), events)
            if self._is_lone_document() and not self._has_own_id:
                self._emit_line(self._first_type, self._data[0], events)
        return events + super().close()

    @property
    def is_between_events(self) -> bool:
        """Whether the next line begins a block; never, when lines are events."""
        return super().is_between_events and not self._sloppy

    def _add_data(self, value: bytes, events: list[RawEvent]) -> None:
        # White space is part of no document but may stand around one: a blank line does not tell the two formats apart.
        if not self._sloppy and self._first_type in CHUNK_TYPES and self._is_lone_document() and value.strip():
            self._sloppy = True
            next_type = self._type
            self._emit_line(self._first_type, self._data[0], events)
            self._type = next_type
        if not self._sloppy:
            if not self._data:
                self._first_type = self._type
            super()._add_data(value, events)
        elif value.strip():
            self._emit_line(self._type, value, events)

    def _dispatch(self, events: list[RawEvent]) -> None:
        self._regular = self._regular or bool(self._data)
        super()._dispatch(events)

    def _is_lone_document(self) -> bool:
        return not self._regular and len(self._data) == 1 and is_document(self._data[0])

    def _emit_line(self, kind: bytes, line: bytes, events: list[RawEvent]) -> None:
        events.append((kind, line, b"", self._block_retry, False))
        self._start_block()


def is_document(line: bytes) -> bool:
    """Whether ``line`` is whole JSON. Bytes that are no UTF-8 count as the U+FFFD that they become."""
    try:
        msgspec.json.decode(line.decode("utf-8", "replace"))
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True
