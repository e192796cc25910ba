"""What every decoder of chunks has in common, and the ways in which the content of a stream can end it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, TypeVar

import attrs
import msgspec

from gpo_client.models import json_text
from gpo_client.models.json_text import decode_json
from gpo_client.models.problem import Problem
from gpo_client.models.reader import read_as
from gpo_client.models.scalars import OddValueError
from gpo_client.models.stream import StreamingChunk
from gpo_client.models.unknown import keep_unknown, known_fields
from gpo_client.streaming.sequence import EventSequence


@attrs.frozen
class Complete:
    """The final chunk, or the end marker, has arrived."""


@attrs.frozen
class Malformed:
    """The stream broke the contract; ``detail`` says how."""

    detail: str


@attrs.frozen
class Oversized:
    """An event went over the limit."""


@attrs.frozen
class Overlong:
    """The stream as a whole went over its limit."""


@attrs.frozen
class Refused:
    """The server ended the stream with a problem of its own."""

    # Not shown: it may repeat a token, and tracebacks may show the variables of every frame.
    problem: Problem = attrs.field(repr=False)


#: How a stream can end by its own content, as against by its transport.
End = Complete | Malformed | Oversized | Overlong | Refused

_Document = TypeVar("_Document")
#: What reading JSON raises.
UNREADABLE = json_text.UNREADABLE
#: Reads the JSON of a chunk that has no fields but those of the contract; what its sources have besides is lost.
chunk_json = msgspec.json.Decoder(StreamingChunk)
_fields_json = msgspec.json.Decoder(dict[str, Any])


class ChunkDecoder(ABC):
    """Turn the bytes of a stream into chunks. Sans-I/O; feed it bytes in any portions.

    Once ``end`` is set nothing more is read: what follows the end of a stream is not part of it.
    """

    def __init__(self, max_event_bytes: int | None = None, sequence: EventSequence | None = None) -> None:
        self._max_event_bytes = max_event_bytes
        self._sequence = sequence or EventSequence()
        self._sequence.begin_connection()
        #: How the stream ended; None while it goes on.
        self.end: End | None = None
        #: The reconnection time the server asked for, in milliseconds.
        self.retry: int | None = None

    @abstractmethod
    def feed(self, data: bytes) -> list[StreamingChunk]:
        """The chunks that ``data`` completes."""

    @abstractmethod
    def close(self) -> list[StreamingChunk]:
        """The end of the bytes: the chunks that are complete only now."""

    @property
    def last_event_id(self) -> str | None:
        """The id of the last event read; None when the server gives no ids."""
        return self._sequence.last_event_id

    def _decode(self, data: bytes, chunks: list[StreamingChunk]) -> None:
        """Add the chunk in ``data``, or set ``end``."""
        try:
            chunk = read_chunk(data)
        except UNREADABLE as error:
            self.end = Malformed(f"chunk is not what the contract says: {error}")
            return
        chunks.append(chunk)
        if chunk.is_complete:
            self.end = Complete()


def read_chunk(data: bytes, *, keep_halves: bool = False) -> StreamingChunk:
    """Read a chunk, with what a newer server adds to it, by the rule of :mod:`gpo_client.models.reader`.

    Args:
        data: The JSON.
        keep_halves: Whether halves of surrogate pairs stay in ``content`` as they are, for a pair that is split over
            two chunks. Default: they are U+FFFD.

    Raises one of ``UNREADABLE``.
    """
    try:
        chunk = chunk_json.decode(data)
    except UnicodeDecodeError:  # bytes that are no UTF-8 are replaced, not refused (WHATWG)
        return read_chunk(data.decode("utf-8", "replace").encode(), keep_halves=keep_halves)
    except UNREADABLE:
        return _read_newer_chunk(data) or _read_odd_chunk(data, keep_halves)
    return keep_unknown(chunk, _fields_json.decode(data)) if chunk.sources else chunk


def with_unknown_parts(chunk: StreamingChunk, data: bytes) -> StreamingChunk:
    """A chunk that ``chunk_json`` read, with what its sources have besides."""
    return read_chunk(data) if chunk.sources else chunk


def _read_newer_chunk(data: bytes) -> StreamingChunk | None:
    """A chunk that has more members than the contract knows, each of those that it knows being right; else None."""
    try:
        raw = _fields_json.decode(data)
        known = {name: raw[name] for name in known_fields(StreamingChunk) if name in raw}
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


def read_json(decoder: msgspec.json.Decoder[_Document], data: bytes) -> _Document:
    """Read JSON.

    Raises one of ``UNREADABLE``.
    """
    # Bytes that are no UTF-8 are replaced, not refused (WHATWG), but looking for them first would cost every chunk
    # what hardly any needs.
    try:
        return decoder.decode(data)
    except msgspec.ValidationError:
        raise  # readable, but not what it should be
    except UNREADABLE:
        return decoder.decode(data.decode("utf-8", "replace"))
