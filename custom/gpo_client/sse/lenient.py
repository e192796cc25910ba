"""Server-sent events from servers that forget the blank lines."""

from __future__ import annotations

import msgspec

from gpo_client.models.json_text import UNREADABLE, decode_json, has_too_many_values, text_with_replacements
from gpo_client.sse.event_kinds import CHUNK_TYPES, END_MARKERS, find_problem, holds_chunk
from gpo_client.sse.parser import EventParser, RawEvent


class LenientEventParser(EventParser):
    """Also read a stream that puts one JSON document on each ``data`` line and no blank lines between them.

    By the standard such a stream is one endless event. It gives itself away when a second ``data`` line follows one
    that is a whole JSON document already, for two documents joined by a line feed are no JSON. From then on each line
    is an event as soon as it ends; the last one needs no line end. It has no id then: which line an ``id`` belongs to
    cannot be told, and to resume from a wrong one would lose or repeat text.

    A stream of standard events is read exactly as :class:`EventParser` reads it, pretty-printed JSON included, and
    plain text in events of other names too. But three things besides. A block with an id and no data is an event
    without data, for its id counts as that of an event that was received (the standard notes it, and dispatches
    nothing). A chunk, or an error, on a line without ``data:`` is an event: servers that fail in the midst of a stream
    write ``{"error": "busy"}`` after it. And an event that the end of the stream ends, for want of a blank line, counts
    if nothing of it can be missing: it is a whole object without an id, or an end marker.
    """

    def __init__(self, max_event_bytes: int | None = None) -> None:
        super().__init__(max_event_bytes)
        self._sloppy = False
        self._regular = False  # a blank line has dispatched something: the server knows the format
        self._first_type = b""  # the type as it was at the block's first data line: a later one may be the next line's
        self._only_line: bytes | None = None  # the block's data line, as long as but one has anything in it
        self._has_more_lines = False

    def close(self) -> list[RawEvent]:
        """End the stream: what no blank line has ended is an event, if it is a whole object or an end marker.

        With an id an object is none: a server that numbers its events may have been cut off just before the blank line,
        and then the event will come again.
        """
        events: list[RawEvent] = []
        if not self.oversized:
            line = self._lines.close()
            name, _, value = line.partition(b":")
            if line.startswith(b"{"):
                self._bare_line(line, events)
            elif name == b"data" and (self._is_document(value) or value.strip() in END_MARKERS):
                self._add_data(value.removeprefix(b" "), events)
            data = b"\n".join(self._data)
            if data.strip() in END_MARKERS or (
                data.startswith(b"{") and not self._has_own_id and self._is_document(data)
            ):
                self._emit_line(self._type if self._regular else self._first_type, data, events)
        return events + super().close()

    def _bare_line(self, line: bytes, events: list[RawEvent]) -> None:
        if self._is_document(line) and (holds_chunk(line) or find_problem(line) is not None):
            events.append((b"", line, b"", None, False))

    @property
    def is_between_events(self) -> bool:
        """Whether the next line begins a block; never, when lines are events."""
        return super().is_between_events and not self._sloppy

    def _add_data(self, value: bytes, events: list[RawEvent]) -> None:
        if self._regular:
            super()._add_data(value, events)
            return
        # White space is part of no document but may stand around one: a blank line does not tell the two formats apart.
        is_blank = not value.strip()
        if not self._sloppy and not is_blank and (first := self._first_chunk()) is not None:
            self._sloppy = True
            next_type = self._type
            self._emit_line(self._first_type, first, events)
            self._type = next_type
        if self._sloppy:
            if not is_blank:
                self._emit_line(self._type, value, events)
            return
        if not is_blank:
            self._has_more_lines = self._only_line is not None
            self._only_line = value
        if not self._data:
            self._first_type = self._type
        super()._add_data(value, events)

    def _dispatch(self, events: list[RawEvent]) -> None:
        if not self._regular:
            self._regular = self._only_line is not None
            self._forget_lines()
        if not self._data and self._has_own_id and self._id:
            events.append((self._type, b"", self._id, self._block_retry, True))
        super()._dispatch(events)

    def _forget_lines(self) -> None:
        self._only_line = None
        self._has_more_lines = False

    def _first_chunk(self) -> bytes | None:
        """Return the document on the block's only line so far, if it can be a chunk."""
        document = self._lone_document()
        is_chunk = document is not None and (self._first_type in CHUNK_TYPES or holds_chunk(document))
        return document if is_chunk else None

    def _lone_document(self) -> bytes | None:
        if self._regular or self._has_more_lines or self._only_line is None:
            return None
        return self._only_line if self._is_document(self._only_line) else None

    def _is_document(self, line: bytes) -> bool:
        return not has_too_many_values(line, self._limit, is_event=True) and is_document(line)

    def _emit_line(self, kind: bytes, line: bytes, events: list[RawEvent]) -> None:
        events.append((kind, line, b"", self._block_retry, False))
        self._start_block()
        self._forget_lines()


def is_document(line: bytes) -> bool:
    """Whether ``line`` is whole JSON. Bytes that are no UTF-8 count as the U+FFFD that they become."""
    try:
        msgspec.json.decode(text_with_replacements(line))
    except UNREADABLE:
        return _is_nearly_json(line)
    return True


def _is_nearly_json(line: bytes) -> bool:
    try:
        decode_json(line)
    except UNREADABLE:
        return False
    return True
