"""Server-sent events: the parser of their bytes, and the public decoder for whoever reads a stream by hand."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import attrs

from gpo_client.exceptions import StreamLimitError
from gpo_client.models.stream import StreamedResponse

_BOM = b"\xef\xbb\xbf"


class LineSplitter:
    r"""Cut a byte stream into lines at LF, CR or CRLF, wherever the reads happen to break it.

    One byte order mark at the very beginning of the stream is dropped.

    A line is handed out on the byte that ends it: on the CR of a CRLF pair, whose LF is then skipped, in the next
    read if need be. Other characters that Unicode calls line ends (VT, FF, NEL, U+2028 …) are ordinary bytes here.
    Each byte is looked at once, so the time grows with the input alone, however long a line and small the reads.

    >>> splitter = LineSplitter()
    >>> splitter.feed(b"one\r")
    [b'one']
    >>> splitter.feed(b"\ntwo\nthr")
    [b'two']
    >>> splitter.close()
    b'thr'
    """

    __slots__ = ("_after_cr", "_head", "_rest")

    def __init__(self) -> None:
        self._head: bytes | None = b""  # None once we know whether the stream began with a byte order mark
        self._rest = bytearray()
        self._after_cr = False

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished line are held."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that ``data`` completes, without their ends."""
        if self._head is not None:
            data = self._without_bom(data, self._head)
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if not data:
            return []
        self._after_cr = data.endswith(b"\r")
        # Of bytes, unlike str, splitlines() cuts at LF, CR and CRLF only.
        lines = data.splitlines()
        rest = b"" if self._after_cr or data.endswith(b"\n") else lines.pop()
        if lines and self._rest:
            lines[0] = self.close() + lines[0]
        self._rest += rest
        return lines

    def close(self) -> bytes:
        """Return the unfinished last line: what came after the last line end."""
        rest = bytes(self._rest)
        self._rest.clear()
        return rest

    def _without_bom(self, data: bytes, head: bytes) -> bytes:
        """Strip the mark, even if it arrives byte by byte."""
        data = head + data
        is_open = len(data) < len(_BOM) and _BOM.startswith(data)
        self._head = data if is_open else None
        return b"" if is_open else data.removeprefix(_BOM)


#: Type, data, last event id, the retry time of the event's block, and whether that block set the id. Bytes, because
#: most events never become text: their JSON is decoded straight from here. A tuple, because nothing is cheaper to make.
RawEvent = tuple[bytes, bytes, bytes, int | None, bool]

# Retry times are kept to this many digits: int() takes quadratic time on long ones and refuses very long ones. A float
# holds them still, for whoever divides by 1000.
_RETRY_DIGITS = 300


# Data lines are joined in blocks of so many: to join a million at once, and to let go of them, stops everything.
_BLOCK = 512


class EventParser:
    """Cut a byte stream into raw events (WHATWG HTML §9.2.6 "Interpreting an event stream").

    Sans-I/O: feed it bytes in any portions, get each event on the byte that completes it.

    Args:
        max_event_bytes: The largest event to hold, counting its data and the line being read, field name included;
            None for no limit. However the bytes are cut, the same event is too large.
    """

    def __init__(self, max_event_bytes: int | None = None) -> None:
        self._limit = sys.maxsize if max_event_bytes is None else max_event_bytes
        self._lines = LineSplitter()
        self._type = b""
        self._data: list[bytes] = []
        self._loose = 0  # how many lines at its end are not joined
        #: How many bytes of data are held of an unfinished event, lines that are not whole apart.
        self.data_size = 0
        self._id = b""
        self._block_retry: int | None = None
        self._has_own_id = False
        #: The last event id string: the id in force at the last blank line, dispatching or not.
        self.last_event_id = b""
        #: The reconnection time in milliseconds, as last set by the server; None before it is.
        self.retry: int | None = None
        #: Whether an event went over the limit. Nothing is read from there on.
        self.oversized = False

    def feed(self, data: bytes) -> list[RawEvent]:
        """Return the events that ``data`` completes."""
        return self.read(self.split(data))

    def split(self, data: bytes) -> list[bytes]:
        """Return the lines that ``data`` completes, to be handed to :meth:`read` before anything else."""
        return [] if self.oversized else self._lines.feed(data)

    def read(self, lines: Sequence[bytes], *, is_all: bool = True) -> list[RawEvent]:
        """Return the events that ``lines`` complete: all that :meth:`split` gave (``is_all``), or a part of them."""
        events: list[RawEvent] = []
        if self.oversized:
            return events
        for line in lines:
            # A line that came whole counts as much as its pieces would have while they were pending.
            if self.data_size + len(line) > self._limit:
                self.oversized = True
                return events
            if line:
                self._field(line, events)
            else:
                self._dispatch(events)
        self.oversized = is_all and self.pending > self._limit
        return events

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished event are held: its data and the line being read."""
        return self.data_size + self._lines.pending

    @property
    def is_between_events(self) -> bool:
        """Whether the next line begins a block."""
        return not (self._data or self._type or self._has_own_id or self._block_retry is not None)

    def close(self) -> list[RawEvent]:
        """Return the end of the stream.

        An event that no blank line has finished is dropped, as the standard demands.
        """
        self._lines.close()
        self._start_block()
        return []

    def _field(self, line: bytes, events: list[RawEvent]) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._add_data(value, events)
        elif name == b"id":
            if b"\0" not in value:
                self._id = value
                self._has_own_id = True
        elif name == b"event":
            self._type = value
        elif name == b"retry" and value.isdigit():  # of bytes, isdigit() means ASCII digits
            self.retry = self._block_retry = int(value.lstrip(b"0")[:_RETRY_DIGITS] or b"0")
        elif line.startswith(b"{"):
            self._bare_line(line, events)
        # Everything else is a comment (no name) or a field unknown to the standard: both are ignored.

    def _add_data(self, value: bytes, events: list[RawEvent]) -> None:  # noqa: ARG002 - for LenientEventParser
        self._data.append(value)
        self.data_size += len(value) + 1
        self._loose += 1
        if self._loose == _BLOCK:
            self._data[-_BLOCK:] = [b"\n".join(self._data[-_BLOCK:])]
            self._loose = 0

    def _bare_line(self, line: bytes, events: list[RawEvent]) -> None:
        """Ignore what is no field; for LenientEventParser."""

    def _dispatch(self, events: list[RawEvent]) -> None:
        self.last_event_id = self._id
        if self._data:
            events.append((self._type, b"\n".join(self._data), self._id, self._block_retry, self._has_own_id))
        self._start_block()

    def _start_block(self) -> None:
        self._type = b""
        self._data = []
        self._loose = 0
        self.data_size = 0
        self._block_retry = None
        self._has_own_id = False


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
        self._parser.close()
        return []

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
    """Return the sentence that says an event had too many bytes, or values if told, and what to do about it."""
    size = f"{limit} bytes" if values is None else f"{values} values, as max_event_bytes ({limit}) allows"
    return f"the server sent an event of more than {size}; raise max_event_bytes if it is to be expected"


def _to_event(raw: RawEvent) -> ServerSentEvent:
    kind, data, last_event_id, retry, _ = raw
    return ServerSentEvent(_text(data), _text(kind) or "message", _text(last_event_id), retry)


def _text(raw: bytes) -> str:
    # Event by event gives the same text as the whole stream at once: the line ends around it are ASCII, and the
    # replacement of an invalid sequence never swallows an ASCII byte.
    return raw.decode("utf-8", "replace")
