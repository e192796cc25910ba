"""Event streams as servers write them, well or badly."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from tests.streaming.decoding import data_of

#: Pieces that are no regular event: put between regular ones, each may end a run of them.
ODDITIES = [
    *(b": heartbeat\n\n", b": heartbeat\n", b":\n\n", b"\n", b"\n\n", b"\r", b"\r\n\r\n"),
    *(b"retry: 30\n\n", b"retry: 7\n", b"retry: x\n\n"),
    *(b'data: {"content":\ndata: "two lines"}\n\n', b"id: m:2\ndata: {\ndata: }\n\n"),
    *(b'data: {"content": "no id"}\n\n', b'data: {"content": "sloppy"}\n', b'data: {"content": "a"}\ndata: {}\n'),
    *(b"id: m:9\n\n", b"id: m:2\n", b"id\n", b"id:\n\n", b"id: m:3\0\n", b"id: opaque\n"),
    *(b"data: {\n\n", b"data: nonsense\n\n", b"data: null\n\n", b"data\n\n", b"data:\n\n", b'data: {"content": 5}\n\n'),
    *(b'data: {"content": "caf\xe9"}\n\n', b'data: {"content": "\xf0\x9f\x98"}\n\n', b"\xff\n", b"\xef\xbb\xbf"),
    *(b"data: [DONE]\n\n", b"data: [DONE]\n", b" data: [DONE]\n\n"),
    *(b"event: error\n", b'event: error\ndata: {"title": "Overloaded", "status": 503}\n\n'),
    *(b"event: message\n", b"event: ping\ndata: 1\n\n", b"event\n", b"unknown: field\n"),
    *(data_of(json.dumps({"content": "x" * 300})), b"data: " + b"x" * 300),
]

_LINE_ENDS = st.sampled_from([b"\n"] * 5 + [b"\r\n", b"\r"])
_TEXTS = st.sampled_from(["a", "", "Mexico taxes ", "税😀\u2028", 'quoted "', "x" * 60, None])
_SOURCES: st.SearchStrategy[Any] = st.sampled_from(
    [None] * 6 + [[], [{"id": "1"}], [{"id": 1, "page": 7}], [None], [{"title": []}, 5], {"id": "1"}, "s"]
)


@st.composite
def _regular_runs(draw: st.DrawFn) -> bytes:
    """Events with ids that follow each other, from any number on, so that some are repeats, some leave a gap."""
    start = draw(st.sampled_from([1, 1, 1, 1, 2, 3, 4, 6, 10]))
    prefix = draw(st.sampled_from([b"m"] * 6 + [b"n", b"", b"a:b", b"\xe9"]))
    colon = draw(st.sampled_from([b": "] * 6 + [b":", b":  "]))
    written = b""
    for number, text in enumerate(draw(st.lists(_TEXTS, min_size=1, max_size=8)), start):
        is_last = draw(st.integers(0, 15)) == 0
        chunk: dict[str, Any] = {"content": text, "is_complete": is_last}
        field_end = draw(_LINE_ENDS)
        written += b"id%b%b:%d%b" % (colon, prefix, number, field_end)
        written += b"data: %b%b%b" % (json.dumps(chunk, ensure_ascii=False).encode(), field_end, field_end)
    return written


@st.composite
def event_streams(draw: st.DrawFn) -> bytes:
    """Regular runs of one message in order, with oddities between them."""
    pieces = [draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf", b"retry: 5\n\n"]))]
    number = 1
    for _ in range(draw(st.integers(1, 4))):
        count = draw(st.integers(0, 9))
        line_end = draw(_LINE_ENDS)
        for _ in range(count):
            chunk = {"content": draw(_TEXTS), "is_complete": draw(st.integers(0, 30)) == 0, "sources": draw(_SOURCES)}
            event = b"id: m:%d\ndata: %b\n\n" % (number, json.dumps(chunk).encode())
            pieces.append(event.replace(b"\n", line_end))
            number += 1
        pieces.append(draw(st.one_of(st.just(b""), st.sampled_from(ODDITIES), _regular_runs())))
    return b"".join(pieces)
