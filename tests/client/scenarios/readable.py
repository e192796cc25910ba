"""Whole answers, in all the ways a service may write them."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

from tests.client.scenarios.scenario import Scenario
from tests.support.events import answer_events, chunk, final, ndjson, sse, stream_answer
from tests.support.wire import Answer, End

_TEXTS = ("Mexico taxes ", "resident ", "companies – «sí».")
TEXT = "".join(_TEXTS)
EVENTS = answer_events(*_TEXTS)
_LINES = [*(ndjson(chunk(text)) for text in _TEXTS), ndjson(final())]


def _whole(name: str, *pieces: bytes, text: str = TEXT, **how: Any) -> Scenario:
    return Scenario(name=name, answer=stream_answer(*pieces, **how), text=text, kept=None)


def _typed(name: str, media_type: str, *pieces: bytes, **headers: str) -> Scenario:
    return _whole(name, *pieces, headers={"Content-Type": media_type, **headers})


def _bytes(data: bytes) -> list[bytes]:
    return [data[index : index + 1] for index in range(len(data))]


def _flushed_gzip() -> list[bytes]:
    """Each event compressed and flushed by itself, as servers do."""
    machine = zlib.compressobj(wbits=31)
    return [*(machine.compress(event) + machine.flush(zlib.Z_SYNC_FLUSH) for event in EVENTS), machine.flush()]


_SSE = b"".join(EVENTS)
_SLOPPY = b"".join(b"data: " + line for line in _LINES)
_DONE = [*EVENTS[:-1], sse("[DONE]")]

SCENARIOS: tuple[Scenario, ...] = (
    _whole("whole answer", *EVENTS),
    _whole("whole answer in one piece", _SSE),
    _whole("whole answer with its length", _SSE, framing="length"),
    _whole("whole answer until the end of the connection", *EVENTS, framing="close"),
    _whole("whole answer, then no last HTTP chunk", *EVENTS, end=End.FIN),
    _whole("whole answer, then reset", *EVENTS, end=End.RESET),
    _whole("whole answer, then silence", *EVENTS, end=End.STALL),
    _whole("events after the final one", *EVENTS, sse(chunk("no part of it"), id="msg_01:5")),
    _whole("one byte per segment", *_bytes(_SSE)),
    _whole("BOM", b"\xef\xbb\xbf" + _SSE),
    _whole("retry and heartbeats between", b"retry: 1000\n\n", *(b": heartbeat\n\n" + event for event in EVENTS)),
    _whole("unknown event names", sse("{}", event="ping"), *EVENTS[:2], sse("{", event="usage"), *EVENTS[2:]),
    _whole("final chunk alone", sse(final()), text=""),
    _whole("no ids", *(sse(data) for data in [*map(chunk, _TEXTS), final()])),
    _whole("[DONE] instead of a final chunk", *_DONE),
    _whole("[DONE] alone", sse({}, event="ping"), sse({}), sse("[DONE]"), text=""),
    _whole("other objects beside chunks", sse({"usage": 5}), *_DONE),
    _whole("sloppy SSE without blank lines", _SLOPPY),
    _typed("NDJSON", "application/x-ndjson", *_LINES),
    _typed("NDJSON, one byte per segment", "application/x-ndjson; charset=utf-8", *_bytes(b"".join(_LINES))),
    _typed("JSONL", "application/jsonl", *_LINES),
    _typed("content type in capitals", "TEXT/Event-Stream;Charset=UTF-8", *EVENTS),
    _typed("gzip", "text/event-stream", gzip.compress(_SSE), **{"Content-Encoding": "gzip"}),
    _typed("gzip, event by event", "text/event-stream", *_flushed_gzip(), **{"Content-Encoding": "gzip"}),
    _typed("gzip, byte by byte", "text/event-stream", *_bytes(gzip.compress(_SSE)), **{"Content-Encoding": "GZIP"}),
    _typed("deflate", "text/event-stream", zlib.compress(_SSE), **{"Content-Encoding": "deflate"}),
    _whole("chunks under a name of their own", *(b"event: token\n" + event for event in EVENTS)),
    _whole(
        "a character in two chunks",
        sse('{"content": "hi \\ud83d"}'),
        sse('{"content": "\\ude00 bye \\ud83d"}'),
        sse("[DONE]"),
        text="hi 😀 bye \ufffd",
    ),
    _whole("an error that is null", *(sse({**chunk(text), "error": None}) for text in _TEXTS), sse(final(error={}))),
    _typed("lines with a byte order mark", "application/x-ndjson", b"\xef\xbb\xbf", *_LINES),
    _typed("lines with [DONE]", "application/x-ndjson", *_LINES[:-1], b"[DONE]\n"),
    _typed("lines with [DONE] and no line end", "application/x-ndjson", *_LINES[:-1], b"[DONE]"),
    _typed("lines under another media type", "application/x-jsonlines", *_LINES),
    _typed("text/plain", "text/plain; charset=utf-8", *_bytes(b"\xef\xbb\xbf\n\n" + _SSE)),
    _whole("no content type", *EVENTS, headers={}),
    _typed("media type twice", "text/event-stream, text/event-stream", *EVENTS),
    _typed("media type without a semicolon", "text/event-stream charset=utf-8", *EVENTS),
    _typed("media type in quotes", '"text/event-stream"', *EVENTS),
    *(
        _typed(f"Content-Encoding: {coding}", "text/event-stream", *EVENTS, **{"Content-Encoding": coding})
        for coding in ("none", "identity", "None, identity", "utf-8")
    ),
    _typed("gzip and identity", "text/event-stream", gzip.compress(_SSE), **{"Content-Encoding": "identity, gzip"}),
    Scenario(
        name="interim answers before the whole one",
        answer=Answer(
            framing="raw",
            pieces=[
                b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n",
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n",
                _SSE,
            ],
            end=End.FIN,
        ),
        text=TEXT,
        kept=None,
    ),
)
