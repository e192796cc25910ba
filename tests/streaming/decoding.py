"""Streams of chunks written and read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import attrs

from gpo_client import StreamingChunk
from gpo_client.sse.chunk_decoder import ChunkDecoder
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.event_kinds import End


@attrs.frozen
class Reading:
    """All that a decoder made of a stream."""

    chunks: list[StreamingChunk]
    end: End | None
    last_event_id: str | None
    retry: int | None

    @property
    def texts(self) -> list[str | None]:
        """The contents of the chunks."""
        return [chunk.content for chunk in self.chunks]


def read(decoder: ChunkDecoder, portions: Iterable[bytes]) -> Reading:
    """Read a stream to its end."""
    chunks = [chunk for portion in portions for chunk in decoder.feed(portion)]
    chunks += decoder.close()
    return Reading(chunks, decoder.end, decoder.last_event_id, decoder.retry)


def event(event_id: str | None = None, /, **chunk: Any) -> bytes:
    """A standard event with a chunk."""
    return (b"" if event_id is None else f"id: {event_id}\n".encode()) + data_of(json.dumps(chunk))


def data_of(data: str) -> bytes:
    """A standard event with one data line."""
    return f"data: {data}\n\n".encode()


class LineByLineDecoder(EventChunkDecoder):
    """Reads no runs of regular events at once, and none that comes alone."""

    def _alone(self, _data: bytes) -> None:
        return None

    def _run(self, lines: list[bytes], _chunks: list[StreamingChunk], _most: int) -> list[bytes]:
        return lines
