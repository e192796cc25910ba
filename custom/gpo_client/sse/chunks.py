"""Bytes to chunks: one machine for each way the service may write a stream."""

from __future__ import annotations

from gpo_client.sse.chunk_decoder import ChunkDecoder
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.line_chunks import LineChunkDecoder
from gpo_client.sse.names import EventNames
from gpo_client.sse.past import Past
from gpo_client.sse.sequence import EventSequence
from gpo_client.sse.sniffing import SniffingDecoder

#: The media types that a stream is asked for in, the preferred one first.
STREAM_MEDIA_TYPES = ("text/event-stream", "application/x-ndjson", "application/jsonl")

_DECODERS: dict[str, type[ChunkDecoder]] = {
    "text/event-stream": EventChunkDecoder,
    # Lines of JSON have no registered media type, so they have many.
    **dict.fromkeys(("application/x-ndjson", "application/jsonl", "application/ndjson"), LineChunkDecoder),
    **dict.fromkeys(("application/x-jsonlines", "application/jsonlines", "application/x-jsonl"), LineChunkDecoder),
    # What servers say that do not care to say what they send.
    **dict.fromkeys(("", "text/plain", "application/octet-stream"), SniffingDecoder),
}


def chunk_decoder(
    media_type: str,
    max_event_bytes: int | None = None,
    sequence: EventSequence | None = None,
    past: Past | None = None,
    names: EventNames | None = None,
) -> ChunkDecoder | None:
    """Return the machine that reads a stream of this media type; None when it is no stream we know.

    Args:
        media_type: Without parameters, in lower case.
        max_event_bytes: The largest event (or line) to hold; None for no limit.
        sequence: The ids of the stream's earlier connections. Default: there were none.
        past: What had arrived over them.
        names: The names of its events.
    """
    decoder = _DECODERS.get(media_type)
    return decoder(max_event_bytes, sequence, past, names) if decoder else None
