"""The base of the decoders of chunks, and the reading of a chunk's JSON."""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import msgspec

from gpo_client.models import json_text
from gpo_client.models.json_text import (
    decode_json,
    has_too_many_values,
    is_beyond_depth,
    most_values,
    size_with_replacements,
    text_with_replacements,
    whole_text,
)
from gpo_client.models.plain import field_names, keep_unknown
from gpo_client.models.reader import read_as
from gpo_client.models.scalars import OddValueError
from gpo_client.models.stream import StreamingChunk
from gpo_client.sse.event_kinds import (
    END_MARKERS,
    Complete,
    End,
    EventNames,
    Malformed,
    Oversized,
    ServerProblem,
    find_problem,
    problem_of,
    tells_of_error,
)
from gpo_client.sse.replay import Past, Replay
from gpo_client.sse.sequence import EventSequence

#: What stands for half a character whose other half never came.
REPLACEMENT = "\ufffd"

_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(rb"\\u[dD][89a-fA-F]")


def may_have_halves(data: bytes) -> bool:
    """Whether JSON may have halves of characters in it. Only escapes can be: UTF-8 has none for them."""
    return _ESCAPED.search(data) is not None


def has_halves(text: str) -> bool:
    """Whether a text has halves of characters in it."""
    return not text.isascii() and _HALF.search(text) is not None


def join_halves(before: str, text: str | None, *, is_last: bool) -> tuple[str | None, str]:
    r"""Return a chunk's text, after the half with which the one before ended, and the half at its own end.

    The next chunk may complete that half, which is not in the text; halves that stay alone are U+FFFD in it.

    >>> text, half = join_halves("", "hi \ud83d", is_last=False)
    >>> text, ascii(half), ascii(join_halves(half, "\ude00!", is_last=False)[0])
    ('hi ', "'\\ud83d'", "'\\U0001f600!'")
    """
    if not text and not is_last:
        return text, before
    joined = before + (text or "")
    is_open = not is_last and "\ud800" <= joined[-1:] <= "\udbff"
    whole = whole_text(joined[:-1] if is_open else joined)
    return whole if whole or text is not None else None, joined[-1:] if is_open else ""


_NO_PAST = Past()


#: What reading JSON raises.
UNREADABLE = json_text.UNREADABLE
#: Reads the JSON of a chunk that has no fields but those of the contract; what its sources have besides is lost.
chunk_json = msgspec.json.Decoder(StreamingChunk)
_fields_json = msgspec.json.Decoder(dict[str, Any])


#: How a stream ends whose documents are nested as deep as no reader can go.
TOO_DEEP = Malformed("chunk is not what the contract says: it is nested too deeply")


class ChunkDecoder(ABC):
    """Turn the bytes of a stream into chunks. Sans-I/O; feed it bytes in any portions.

    Once ``end`` is set nothing more is read: what follows the end of a stream is not part of it.
    """

    def __init__(
        self,
        max_event_bytes: int | None = None,
        sequence: EventSequence | None = None,
        past: Past | None = None,
        names: EventNames | None = None,
    ) -> None:
        self._limit = sys.maxsize if max_event_bytes is None else max_event_bytes
        self._sequence = sequence or EventSequence()
        self._names = names or EventNames()
        self._half = ""  # of a character, with which the last text ended
        self._past = past or _NO_PAST
        #: What had arrived is told from what is new, until the connection is past it.
        self._replay = Replay(self._sequence, self._past) if self._sequence.last else None
        #: How the stream ended; None while it goes on.
        self.end: End | None = None
        #: The reconnection time the server asked for, in milliseconds.
        self.retry: int | None = None

    @abstractmethod
    def feed(self, data: bytes, most: int = sys.maxsize) -> list[StreamingChunk]:
        """Return the chunks that ``data`` completes; given ``most``, those of a first step: more wait.

        A step has no more than ``most`` bytes of what takes long to read.
        """

    @property
    @abstractmethod
    def is_behind(self) -> bool:
        """Whether something that was fed waits for :meth:`catch_up`, which comes before anything else is fed."""

    @property
    @abstractmethod
    def is_slow(self) -> bool:
        """Whether the next step is one of the few that may take long: a single event, which is large."""

    @abstractmethod
    def catch_up(self) -> list[StreamingChunk]:
        """Return the chunks of the next step, however long that takes."""

    @abstractmethod
    def close(self) -> list[StreamingChunk]:
        """Return the end of the bytes: the chunks that are complete only now."""

    @property
    def last_event_id(self) -> str | None:
        """The id of the last event read; None when the server gives no ids."""
        return self._sequence.last_event_id

    def _is_excessive(self, data: bytes) -> bool:
        """Whether a document has too many values, or is too large as it will be read; ``end`` says so."""
        if has_too_many_values(data, self._limit, is_event=True):
            self.end = TOO_DEEP if is_beyond_depth(data) else Oversized(most_values(self._limit))
        elif size_with_replacements(data, self._limit) > self._limit:
            self.end = Oversized()
        return self.end is not None

    def _document(self, data: bytes) -> StreamingChunk | None:
        """Read a document in the place of a chunk: the chunk in it, if there is one; ``end``, if it is the end."""
        if self._half or not data.startswith(b"{"):
            return self._odd_document(data)
        try:
            chunk = with_unknown_parts(chunk_json.decode(data), data)
        except UNREADABLE:
            return self._odd_document(data)
        if chunk.is_complete:
            self.end = Complete()
        return chunk

    def _odd_document(self, data: bytes) -> StreamingChunk | None:
        """Read what is no chunk, or no plain one."""
        document = data.strip()
        if not document:
            return None
        if document in END_MARKERS:
            self.end = Complete(is_marked=True)
            return StreamingChunk(content=REPLACEMENT if self._half else None, is_complete=True)
        try:
            chunk = self._chunk(data)
        except UNREADABLE as error:
            problem = find_problem(data)
            self.end = ServerProblem(problem) if problem else Malformed(f"chunk is not what the contract says: {error}")
            return None
        if strange := chunk.additional_properties:
            if tells_of_error(strange, is_chunk=has_any(chunk)):
                return self._refused(chunk, data)
            if not has_any(chunk):
                self._names.note_stranger(strange)
        if chunk.is_complete:
            self.end = Complete()
        return chunk

    def _chunk(self, data: bytes) -> StreamingChunk:
        chunk = read_chunk(data, keep_halves=True)
        if not self._half and not (chunk.content and has_halves(chunk.content)):
            return chunk
        content, self._half = join_halves(self._half, chunk.content, is_last=chunk.is_complete)
        return msgspec.structs.replace(chunk, content=content)

    def _refused(self, chunk: StreamingChunk, data: bytes) -> StreamingChunk | None:
        """Return what is left of a chunk that tells of an error: its text, unless that is what the error says."""
        problem = problem_of(decode_json(data), data)
        self.end = ServerProblem(problem)
        if not chunk.content or problem.detail == chunk.content:
            return None
        return msgspec.structs.replace(chunk, is_complete=False)

    def _take(self, event_id: bytes, chunk: StreamingChunk | None, chunks: list[StreamingChunk]) -> None:
        """Add what is new of an event, on a connection that may begin with what had arrived before."""
        if self._replay is None or (chunk is None and not event_id):  # such as a ping: it tells of no place
            return
        chunks += self._replay.take(event_id, chunk)
        self.end = self._replay.end or self.end
        if self._replay.is_over:
            self._replay = None


# What is read at once is over in a few milliseconds, whatever it holds: so many bytes if they are regular text, else so
# many lines, and a part of the bytes that a single event may have. Nor does it make so many objects that Python's
# collector looks at them: it would take them for lasting, and in the end walk through all that the process has.
_BYTES_A_STEP, _LINES_A_STEP, _STEPS_AN_EVENT = 64 * 1024, 200, 4


class SteppingDecoder(ChunkDecoder):
    """A decoder of lines that reads what it is fed in steps, between which others have their turn."""

    _most = sys.maxsize  # bytes of a single event
    _waiting: Sequence[bytes] = ()  # lines, from ``_next`` on
    _next = 0
    _uncut = b""  # what is not even cut into lines and comes after those, from ``_cut_to`` on
    _cut_to = 0

    def feed(self, data: bytes, most: int = sys.maxsize) -> list[StreamingChunk]:
        """Return the chunks that ``data`` completes; given ``most``, those of a first step: more wait."""
        chunks: list[StreamingChunk] = []
        if self.end is not None:
            return chunks
        self._most = most
        if len(data) > _BYTES_A_STEP and most < sys.maxsize:
            self._uncut, self._cut_to, data = data, _BYTES_A_STEP, data[:_BYTES_A_STEP]
        self._portion(data, chunks)
        while most == sys.maxsize and self.is_behind:
            chunks += self.catch_up()
        return chunks

    @property
    def is_behind(self) -> bool:
        """Whether something that was fed waits for :meth:`catch_up`, which comes before anything else is fed."""
        return self.end is None and (self._next < len(self._waiting) or self._cut_to < len(self._uncut))

    @property
    def is_slow(self) -> bool:
        """Whether the next step is one of the few that may take long: a single event, which is large."""
        return self._has_lines and self._pending + len(self._waiting[self._next]) > self._most

    def catch_up(self) -> list[StreamingChunk]:
        """Return the chunks of the next step, however long that takes."""
        chunks: list[StreamingChunk] = []
        if self._has_lines:
            self._read_some(chunks)
        else:
            start, self._cut_to = self._cut_to, self._cut_to + _BYTES_A_STEP
            self._portion(self._uncut[start : self._cut_to], chunks)
        return chunks

    @property
    def _step(self) -> int:
        """How many bytes there may be in a step, of several events."""
        return self._most // _STEPS_AN_EVENT

    @property
    def _has_lines(self) -> bool:
        return self._next < len(self._waiting)

    def _portion(self, portion: bytes, chunks: list[StreamingChunk]) -> None:
        self._waiting = self._cut(portion, chunks)
        if self._waiting:
            self._next = 0
            if self.end is None and not self.is_slow:
                self._read_some(chunks)

    def _read_some(self, chunks: list[StreamingChunk]) -> None:
        lines = [*self._waiting[self._next : self._next + _LINES_A_STEP]]
        if self._most < sys.maxsize:
            lines = lines[: bisect_right(list(accumulate(map(len, lines))), self._step) or 1]
        self._next += len(lines)
        self._lines(lines, chunks)

    @abstractmethod
    def _cut(self, portion: bytes, chunks: list[StreamingChunk], /) -> list[bytes]:
        """Cut bytes into lines, and read them if they are regular text; those that are not are left."""

    @abstractmethod
    def _lines(self, lines: list[bytes], chunks: list[StreamingChunk]) -> None:
        """Read lines; after them come those that ``_has_lines`` tells of."""

    @property
    @abstractmethod
    def _pending(self) -> int:
        """How many bytes there are in the lines that were read of an event that is not whole."""


def has_any(chunk: StreamingChunk) -> bool:
    """Whether a chunk has any member that the contract knows."""
    return chunk.is_complete or any(part is not None for part in (chunk.content, chunk.sources, chunk.metadata))


def read_chunk(data: bytes, *, keep_halves: bool = False) -> StreamingChunk:
    """Read a chunk, with what a newer server adds to it, by the rule of :mod:`gpo_client.models.reader`.

    With ``keep_halves``, halves of surrogate pairs stay in ``content``, for a pair that is split over two chunks; else
    they are U+FFFD. Raises one of ``UNREADABLE``.
    """
    try:
        chunk = chunk_json.decode(data)
    except UnicodeDecodeError:  # bytes that are no UTF-8 are replaced, not refused (WHATWG)
        return read_chunk(text_with_replacements(data).encode(), keep_halves=keep_halves)
    except UNREADABLE:
        return _read_newer_chunk(data) or _read_odd_chunk(data, keep_halves)
    return with_unknown_parts(chunk, data)


def with_unknown_parts(chunk: StreamingChunk, data: bytes) -> StreamingChunk:
    """Return a chunk that ``chunk_json`` read, with what its sources have besides."""
    return keep_unknown(chunk, _fields_json.decode(data)) if chunk.sources else chunk


def _read_newer_chunk(data: bytes) -> StreamingChunk | None:
    """Return a chunk that has more members than the contract knows, each of those that it knows being right.

    Else None.
    """
    try:
        raw = _fields_json.decode(data)
        known = {name: raw[name] for name in field_names(StreamingChunk) if name in raw}
        return keep_unknown(msgspec.convert(known, StreamingChunk), raw)
    except UNREADABLE:
        return None


def _read_odd_chunk(data: bytes, keep_halves: bool) -> StreamingChunk:
    raw = decode_json(data)
    try:
        chunk: StreamingChunk = read_as(StreamingChunk, raw)
    except OddValueError as error:
        raise msgspec.ValidationError(f"{error.reason} - at `{error.where}`") from None
    if keep_halves and chunk.content:
        return msgspec.structs.replace(chunk, content=decode_json(data, whole=False)["content"])
    return chunk
