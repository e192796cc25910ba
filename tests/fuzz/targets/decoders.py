"""What arrives on a stream."""

from __future__ import annotations

import attrs

from gpo_client import ServerSentEvent, SSEDecoder, StreamLimitError
from gpo_client.sse.chunks import STREAM_MEDIA_TYPES, chunk_decoder
from gpo_client.sse.ends import Malformed
from tests.fuzz.target import Target, in_portions, pure
from tests.streaming.decoding import read

_LIMITS = (None, 48, 4096)


def _decode_events(data: bytes) -> None:
    """Events, or StreamLimitError after those before it; the same in whatever portions they come."""
    for limit in _LIMITS:
        ways = [_events(portions, limit) for portions in in_portions(data)]
        assert all(way == ways[0] for way in ways)


def _events(portions: list[bytes], limit: int | None) -> tuple[list[ServerSentEvent], bool]:
    decoder = SSEDecoder(max_event_bytes=limit)
    events: list[ServerSentEvent] = []
    try:
        for portion in portions:
            events += decoder.feed(portion)
        events += decoder.close()
    except StreamLimitError:
        return events, True
    return events, False


def _decode_chunks(data: bytes) -> None:
    """Chunks and how the stream ended, never an exception; the same in whatever portions they come."""
    for media_type in STREAM_MEDIA_TYPES:
        for limit in _LIMITS:
            ways = []
            for portions in in_portions(data):
                decoder = chunk_decoder(media_type, limit)
                assert decoder is not None
                reading = read(decoder, portions)
                if isinstance(reading.end, Malformed):  # its words, and what follows it, depend on what is read at once
                    reading = attrs.evolve(reading, end=Malformed(""), retry=None, last_event_id=None)
                ways.append(reading)
            assert all(way == ways[0] for way in ways), (media_type, limit)


_WORDS = [
    b"data: ", b"data", b"id: m:1\n", b"id: ", b"id\n", b"event: error\n", b"event: ", b"retry: 10\n",
    b"retry: 9e9\n", b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b": \n", b":", b" ", b"\xef\xbb\xbf", b"\x00", b"\xff",
    b"\xe2\x80\xa8", b"[DONE]", b"null", b"true", b"{", b"}", b"[", b"]", b'"', b"\\ud800", b"1e999", b"-0",
    b"9" * 400, b'{"content": "a"}', b'"is_complete": true', b'"sources": [', b'"metadata": {',
    b'"relevance_score": ',
]  # fmt: skip

EVENTS = Target("events", pure(_decode_events), _WORDS)
CHUNKS = Target("chunks", pure(_decode_chunks), _WORDS)
