"""Bytes to chunks: one machine for each way the service may write a stream."""

from __future__ import annotations

from gpo_client.streaming.chunk_decoder import ChunkDecoder
from gpo_client.streaming.event_chunks import EventChunkDecoder
from gpo_client.streaming.line_chunks import LineChunkDecoder
from gpo_client.streaming.sequence import EventSequence

_DECODERS: dict[str, type[ChunkDecoder]] = {
    "text/event-stream": EventChunkDecoder,
    "application/x-ndjson": LineChunkDecoder,
    "application/jsonl": LineChunkDecoder,
}

#: The media types that a stream may have, the preferred one first.
STREAM_MEDIA_TYPES = tuple(_DECODERS)


def chunk_decoder(
    media_type: str, max_event_bytes: int | None = None, sequence: EventSequence | None = None
) -> ChunkDecoder | None:
    """The machine that reads a stream of this media type; None when it is no stream we know.

    Args:
        media_type: Without parameters, in lower case.
        max_event_bytes: The largest event (or line) to hold; None for no limit.
        sequence: The ids of the stream's earlier connections. Default: there were none.
    """
    decoder = _DECODERS.get(media_type)
    return decoder(max_event_bytes, sequence) if decoder else None
