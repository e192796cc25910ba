"""Server-sent events from servers that forget the blank lines."""

from __future__ import annotations

import msgspec

from gpo_client.streaming.parser import EventParser, RawEvent


class LenientEventParser(EventParser):
    """Also read a stream that puts one JSON document on each ``data`` line and no blank lines between them.

    By the standard such a stream is one endless event. It gives itself away when a second ``data`` line follows one
    that is a whole JSON document already, for two documents joined by a line feed are no JSON. From then on each line
    is an event as soon as it ends. It has no id then: which line an ``id`` belongs to cannot be told, and to resume
    from a wrong one would lose or repeat text.

    A stream of standard events is read exactly as :class:`EventParser` reads it, pretty-printed JSON included.
    """

    def __init__(self, max_event_bytes: int | None = None) -> None:
        super().__init__(max_event_bytes)
        self._sloppy = False
        self._regular = False  # a blank line has dispatched something: the server knows the format

    def close(self) -> list[RawEvent]:
        """The end of the stream: a lone, whole document on its only line is an event, if no blank line ever came."""
        events: list[RawEvent] = []
        if not self._sloppy and not self._regular and len(self._data) == 1 and _is_document(self._data[0]):
            self._emit_line(events)
        return events + super().close()

    def _add_data(self, value: bytes, events: list[RawEvent]) -> None:
        if not self._sloppy and not self._regular and len(self._data) == 1 and _is_document(self._data[0]):
            self._sloppy = True
            self._emit_line(events)
        super()._add_data(value, events)
        if self._sloppy:
            self._emit_line(events)

    def _dispatch(self, events: list[RawEvent]) -> None:
        self._regular = self._regular or bool(self._data)
        super()._dispatch(events)

    def _emit_line(self, events: list[RawEvent]) -> None:
        if not self.oversized:
            events.append((self._type, self._data[0], b"", self._block_retry))
        self._start_block()


def _is_document(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True
