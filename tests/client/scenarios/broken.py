"""Streams that begin and break the contract."""

from __future__ import annotations

import gzip
import itertools
from typing import Any

from gpo_client import GPOClientError, StreamInterruptedError, StreamLimitError, StreamProtocolError, StreamServerError
from tests.client.scenarios.scenario import Scenario
from tests.support.events import chunk, ndjson, numbered, problem, sse, stream_answer
from tests.support.wire import Answer, End

_BEGIN = numbered([chunk("Mexico "), chunk("taxes ")])
_BEGUN = {"partial.content": "Mexico taxes ", "partial.is_complete": False, "last_event_id": "msg_01:2"}
_NDJSON = {"Content-Type": "application/x-ndjson"}
_GZIP = {"Content-Type": "text/event-stream", "Content-Encoding": "gzip"}
_SMALL: dict[str, Any] = {"max_event_bytes": 1000}
_LONG = "x" * 2000
_ENDS: dict[str, dict[str, Any]] = {
    "no last HTTP chunk, FIN": {"end": End.FIN},
    "FIN where the body ends with the connection": {"framing": "close"},
    "a clean end": {"end": End.FINISH},
    "fewer bytes than announced, FIN": {"framing": "length", "announced": 9999, "end": End.FIN},
}


def _broken(
    name: str, error: type[GPOClientError], *pieces: bytes, says: tuple[str, ...] = (), **details: Any
) -> Scenario:
    """Two chunks, then ``pieces``; the stream would go on."""
    return Scenario(
        name=name,
        answer=stream_answer(*_BEGIN, *pieces, end=End.STALL),
        text="Mexico taxes ",
        error=error,
        says=says,
        details={**_BEGUN, **details},
    )


def _malformed(name: str, data: str | bytes, *says: str) -> Scenario:
    return _broken(name, StreamProtocolError, sse(data, id="msg_01:3"), says=says)


def _refused(name: str, data: str | dict[str, Any], **details: Any) -> Scenario:
    return _broken(name, StreamServerError, sse(data, event="error"), **details)


def _lines(name: str, error: type[GPOClientError], *lines: bytes, **more: Any) -> Scenario:
    return Scenario(
        name=name,
        answer=stream_answer(ndjson(chunk("a")), *lines, headers=_NDJSON, end=End.STALL),
        text="a",
        error=error,
        details={"last_event_id": None},
        **more,
    )


def _large(name: str, *pieces: bytes) -> Scenario:
    return Scenario(
        name=name,
        answer=stream_answer(*_BEGIN, *pieces, end=End.STALL),
        text="Mexico taxes ",
        error=StreamLimitError,
        says=("1000 bytes", "max_event_bytes"),
        details=_BEGUN,
        settings=_SMALL,
    )


SCENARIOS: tuple[Scenario, ...] = (
    _malformed("malformed JSON", '{"content": "x"'),
    _malformed("content of the wrong type", '{"content": 5}', "content"),
    _malformed("nested without end", "[" * 100_000),
    _lines("malformed line", StreamProtocolError, b"{\n"),
    _lines("oversized line", StreamLimitError, ndjson(chunk(_LONG)), settings=_SMALL),
    _lines("oversized line without an end", StreamLimitError, b"x" * 2000, settings=_SMALL),
    _refused(
        "error event",
        problem(503, "model_unavailable"),
        code="model_unavailable",
        says=("detail of model_unavailable",),
        **{"problem.status": 503, "problem.code": "model_unavailable"},
    ),
    _refused("error event that is text", "no memory", says=("no memory",), **{"problem.detail": "no memory"}),
    _refused("error event without details", "{}", says=("no further details",), code=None),
    _broken(
        "nameless error with an id",
        StreamServerError,
        sse({"error": "busy"}, id="msg_01:3"),
        says=("busy",),
        last_event_id="msg_01:3",
    ),
    _broken("nameless error, then [DONE]", StreamServerError, sse({"error": "busy"}), sse("[DONE]"), says=("busy",)),
    Scenario(
        name="nameless error beside text",
        answer=stream_answer(*_BEGIN, sse({"content": "and", "error": "busy", "is_complete": True}), end=End.STALL),
        text="Mexico taxes and",
        error=StreamServerError,
        says=("busy",),
    ),
    _lines(
        "nameless error on a line", StreamServerError, ndjson({"error": "busy"}), ndjson(chunk("b")), says=("busy",)
    ),
    _broken(
        "error on a line of its own",
        StreamServerError,
        b'{"error": {"message": "no memory", "code": "oom"}}\n',
        code="oom",
    ),
    _refused(
        "error event, nested", {"type": "error", "error": {"type": "overloaded", "message": "busy"}}, says=("busy",)
    ),
    Scenario(
        name="chunks under a name of their own, cut short",
        answer=stream_answer(sse(chunk("a"), event="token"), sse('{"done": true}', event="end"), framing="close"),
        text="a",
        error=StreamInterruptedError,
        says=("chunks came in events of the name 'token'; events of the name 'end' were ignored",),
    ),
    *(
        Scenario(
            name=f"an answer in a dialect that nobody knows: {name}",
            answer=stream_answer(*events, framing="close"),
            text="",
            error=StreamProtocolError,
            says=("nothing of an answer was in it", told),
        )
        for name, events, told in (
            (
                "members",
                [sse({"id": "c", "choices": []}), sse({"text": "a"}), sse("[DONE]")],
                "but 'id', 'choices', 'text'",
            ),
            ("numbered", [*numbered([{"text": "a"}] * 3), sse("[DONE]")], "nothing of a chunk, but 'text'"),
            (
                "event names",
                [sse({"text": "a"}, event="token"), sse("[DONE]")],
                "events of the name 'token' were ignored",
            ),
        )
    ),
    _large("oversized event", sse(chunk(_LONG), id="msg_01:3")),
    _large("oversized event in small pieces", b"data: ", *itertools.repeat(b"x" * 100, 20)),
    Scenario(
        name="damaged gzip",
        answer=stream_answer(b"Mexico taxes", headers=_GZIP, end=End.STALL),
        error=StreamProtocolError,
        says=("compressed",),
    ),
    Scenario(
        name="gzip cut short",
        answer=stream_answer(gzip.compress(b"".join(_BEGIN))[:-9], headers=_GZIP),
        text="Mexico taxes ",
        error=StreamInterruptedError,
        details=_BEGUN,
        kept=None,
    ),
    Scenario(
        name="empty 200",
        answer=stream_answer(framing="length"),
        error=StreamInterruptedError,
        details={"partial.chunk_count": 0, "last_event_id": None},
        kept=None,
    ),
    Scenario(
        name="heartbeats alone, then the end",
        answer=stream_answer(b"retry: 1000\n\n", *itertools.repeat(b": heartbeat\n\n", 5)),
        error=StreamInterruptedError,
        details={"partial.chunk_count": 0, "last_event_id": None},
        kept=None,
    ),
    *(
        Scenario(
            name=f"cut short: {name}",
            answer=stream_answer(*_BEGIN, b'id: msg_01:9\ndata: {"content": "ha', **how),
            text="Mexico taxes ",
            error=StreamInterruptedError,
            says=("connection closed",),
            details={**_BEGUN, "partial.chunk_count": 2, "attempts": 1},
            kept=None,
        )
        for name, how in _ENDS.items()
    ),
    Scenario(
        name="bad chunk size",
        answer=Answer(
            framing="raw",
            pieces=[
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
                *(b"%x\r\n%b\r\n" % (len(event), event) for event in _BEGIN),
                b"no size\r\n",
            ],
            end=End.STALL,
        ),
        text="Mexico taxes ",
        error=StreamInterruptedError,
        says=("proper HTTP",),
        details=_BEGUN,
    ),
)
