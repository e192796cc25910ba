"""What arrives: events and chunks of a stream, and header fields."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from gpo_client import ServerSentEvent, SSEDecoder, StreamLimitError
from gpo_client.flows.download import _announced_size, file_name
from gpo_client.flows.effects import Opened
from gpo_client.flows.error_mapping import _target
from gpo_client.flows.response import charset, media_type, parse_retry_after, request_id
from gpo_client.models.answer import is_file_name
from gpo_client.models.json_text import text_of
from gpo_client.sse.chunks import STREAM_MEDIA_TYPES, chunk_decoder
from gpo_client.sse.compression import inflater
from gpo_client.sse.event_kinds import Malformed
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
    for media in STREAM_MEDIA_TYPES:
        for limit in _LIMITS:
            ways = []
            for portions in in_portions(data):
                decoder = chunk_decoder(media, limit)
                assert decoder is not None
                reading = read(decoder, portions)
                if isinstance(reading.end, Malformed):  # its words, and what follows it, depend on what is read at once
                    reading = attrs.evolve(reading, end=Malformed(""), last_event_id=None)
                if reading.end is not None:  # said behind it, in the same read, to somebody who does not come back
                    reading = attrs.evolve(reading, retry=None)
                ways.append(reading)
            assert all(way == ways[0] for way in ways), (media, limit)


_WORDS = [
    b"data: ", b"data", b"id: m:1\n", b"id: ", b"id\n", b"event: error\n", b"event: ", b"retry: 10\n",
    b"retry: 9e9\n", b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b": \n", b":", b" ", b"\xef\xbb\xbf", b"\x00", b"\xff",
    b"\xe2\x80\xa8", b"[DONE]", b"null", b"true", b"{", b"}", b"[", b"]", b'"', b"\\ud800", b"1e999", b"-0",
    b"9" * 400, b'{"content": "a"}', b'"is_complete": true', b'"sources": [', b'"metadata": {',
    b'"relevance_score": ',
]  # fmt: skip

EVENTS = Target("events", pure(_decode_events), _WORDS)
CHUNKS = Target("chunks", pure(_decode_chunks), _WORDS)


#: The fields, and what reads each of them.
READERS: dict[str, Callable[[str], object]] = {
    "content-disposition": lambda value: file_name(_head("content-disposition", value)),
    "content-type": lambda value: media_type(_head("content-type", value)),
    "content-type's charset": lambda value: charset(_head("content-type", value)),
    "content-encoding": lambda value: _encoding(value),
    "content-length": lambda value: _announced_size(_head("content-length", value)),
    "retry-after": lambda value: parse_retry_after({"retry-after": value, "date": "Sun, 06 Nov 1994 08:49:07 GMT"}),
    "date": lambda value: parse_retry_after({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", "date": value}),
    "location": lambda value: _target(_head("location", value)),
    "x-request-id": lambda value: request_id(_head("x-request-id", value)),
}


def _head(name: str, value: str) -> Opened:
    return Opened(200, {name: value})


def _encoding(value: str) -> object:
    try:
        return inflater(value)
    except ValueError:  # which becomes InvalidResponseError
        return None


def _read_fields(data: bytes) -> None:
    """Nothing comes out, and what is read is what it is to be."""
    for value in (data.decode("latin-1"), data.decode("utf-8", "replace")):
        read = {name: reader(value) for name, reader in READERS.items()}
        name, wait, size = read["content-disposition"], read["retry-after"], read["content-length"]
        assert name is None or (isinstance(name, str) and is_file_name(name) and len(name.encode()) <= 255)
        assert wait is None or (isinstance(wait, float) and wait >= 0)
        assert size is None or (isinstance(size, int) and size >= 0)
        named = read["content-type's charset"]
        text_of(b"\xff\xfe\xfd", named if isinstance(named, str) else None)


FIELDS = Target(
    "fields",
    pure(_read_fields),
    [
        *(
            b"attachment", b"; ", b"filename", b"filename*=", b"filename*0*=", b"*1=", b'"', b"\\", b"UTF-8''",
            b"idna''",
        ),
        *(b"%C3%B1", b"%", b"%FF", b"..", b"/", b"'", b"=", b"text/html", b"application/json", b"charset=", b"gzip"),
        *(b"punycode", b"zlib", b"utf-16", b"Sun, 06 Nov 1994 08:49:37", b" GMT", b"+9999", b"(", b"-", b":", b"120"),
        *(b"http://", b"https://u:p@", b"[", b"]", b"::1", b"\xe2\x84\x80", b"?", b"#", b"9" * 40),
    ],
)  # fmt: skip
