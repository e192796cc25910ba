"""Streams that break and are continued: what a service does, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from gpo_client import GPOClientError, StreamInterruptedError, StreamProtocolError, StreamTimeoutError
from tests.support.events import answer_events, chunk, final, ndjson, numbered, sse, stream_answer
from tests.support.question import EVENTS, TEXTS, WHOLE, cut, problem, rest
from tests.support.wire_script import Answer, End, no_answer


@attrs.frozen(kw_only=True)
class Scenario:
    """What the server does, and what comes of it."""

    name: str
    script: tuple[Answer, ...]
    text: str = WHOLE
    error: type[GPOClientError] | None = None
    says: str = ""
    asked: tuple[str | None, ...] = ()
    settings: dict[str, Any] = attrs.field(factory=dict[str, Any])
    resumes: int | None = None


def worded(texts: Sequence[str], *ids: str, **how: Any) -> Answer:
    """An answer whose events have these ids, with a final one if there is an id left for it."""
    chunks = [*map(chunk, texts), final()][: len(ids)]
    return stream_answer(*(sse(data, id=each) for data, each in zip(chunks, ids, strict=True)), **how)


SCENARIOS = [
    *(
        Scenario(
            name=f"{end.name} after {count} events",
            script=(cut(count, end), rest(count)),
            asked=(None, f"msg_01:{count}" if count else None),
            resumes=1,
        )
        for end in (End.FIN, End.RESET)
        for count in range(4)
    ),
    Scenario(
        name="clean end before the final event",
        script=(cut(2, End.FINISH), rest(2)),
        asked=(None, "msg_01:2"),
        resumes=1,
    ),
    Scenario(
        name="broken chunked encoding",
        script=(
            Answer(
                headers={},
                framing="raw",
                pieces=(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
                    b"%x\r\n%b\r\nnonsense\r\n" % (len(EVENTS[0]), EVENTS[0]),
                ),
                end=End.FIN,
            ),
            rest(1),
        ),
        asked=(None, "msg_01:1"),
    ),
    Scenario(
        name="silence",
        script=(cut(1, End.STALL), rest(1)),
        asked=(None, "msg_01:1"),
        settings={"stream_idle_timeout": 0.3},
    ),
    Scenario(
        name="each event on a connection of its own",
        script=(*(stream_answer(event, end=End.FIN) for event in EVENTS[:3]), rest(3)),
        asked=(None, "msg_01:1", "msg_01:2", "msg_01:3"),
        settings={"max_resumes": 1},
        resumes=3,
    ),
    Scenario(
        name="errors that pass while resuming",
        script=(cut(1), problem(503, "unavailable"), no_answer(End.RESET), rest(1)),
        asked=(None, "msg_01:1", "msg_01:1", "msg_01:1"),
        resumes=2,  # the connection that carried the 503 died before a byte of the next answer: asked again at once
    ),
    Scenario(
        name="a gap after a resume",
        script=(cut(1), rest(2)),
        text=TEXTS[0],
        error=StreamProtocolError,
        says="events are missing: 'msg_01:3' came after 'msg_01:1'",
        asked=(None, "msg_01:1"),
    ),
    *(
        Scenario(
            name=f"{status} on resume",
            script=(cut(1), problem(status, code)),
            text=TEXTS[0],
            error=StreamInterruptedError,
            says=f"detail of {code}",
            asked=(None, "msg_01:1"),
        )
        for status, code in ((404, "not_found"), (410, "stream_expired"), (409, "conflict"), (401, "invalid_token"))
    ),
    Scenario(
        name="resumes without progress",
        script=(cut(1), *[stream_answer(end=End.FIN)] * 2),
        text=TEXTS[0],
        error=StreamInterruptedError,
        says="continued 2 times",
        asked=(None, "msg_01:1", "msg_01:1"),
        settings={"max_resumes": 2},
    ),
    Scenario(
        name="silence that does not pass",
        script=(cut(1, End.STALL), stream_answer(end=End.STALL)),
        text=TEXTS[0],
        error=StreamTimeoutError,
        says="stream_idle_timeout",
        asked=(None, "msg_01:1"),
        settings={"max_resumes": 1, "stream_idle_timeout": 0.2},
    ),
    Scenario(
        name="a server without ids",
        script=(stream_answer(sse(chunk("Mexico ")), end=End.FIN),),
        text="Mexico ",
        error=StreamInterruptedError,
        says="connection closed before the response was complete",
        asked=(None,),
    ),
    Scenario(
        name="lines without ids",
        script=(Answer(headers={"Content-Type": "application/x-ndjson"}, pieces=(ndjson(chunk("a")),), end=End.FIN),),
        text="a",
        error=StreamInterruptedError,
        asked=(None,),
    ),
    Scenario(
        name="an answer begun again under new ids",
        script=(worded(TEXTS[:2], "u", "v", end=End.RESET), *[worded(TEXTS, "w", "x", "y", "z")] * 2),
        asked=(None, "v", "u"),
        resumes=2,
    ),
    Scenario(
        name="where an answer continues cannot be told",
        script=(worded(TEXTS[:1], "u", end=End.RESET), worded(TEXTS[1:], "v", "w", "x")),
        text=TEXTS[0],
        error=StreamInterruptedError,
        says="event 'v' does not tell whether the server continues the answer",
        asked=(None, "u"),
        settings={"max_resumes": 1},
    ),
    Scenario(
        name="an answer in events that nobody knows",
        script=(stream_answer(sse('{"token": "a"}', event="token"), sse('{"done": true}', event="end")),),
        text="",
        error=StreamInterruptedError,
        says="events of the name 'token', 'end' were ignored",
        asked=(None,),
    ),
    Scenario(
        name="signs of life alone are asked again",
        script=(stream_answer(sse("{}", event="ping")), rest(0)),
        asked=(None, None),
    ),
    Scenario(
        name="an id without data",
        script=(stream_answer(b"id: msg_01:1\ndata:\n\n", end=End.FIN), stream_answer(*answer_events("", *TEXTS)[1:])),
        asked=(None, "msg_01:1"),
    ),
    *(
        Scenario(
            name=f"{status} on resume, then the rest",
            script=(cut(1), problem(status, "busy"), rest(1)),
            asked=(None, "msg_01:1", "msg_01:1"),
        )
        for status in (520, 524, 529)
    ),
    *(
        Scenario(name=f"{status} before the first event", script=(problem(status, "busy"), rest(0)), asked=(None, None))
        for status in (408, 425, 520, 521, 522, 523, 524, 529)
    ),
    Scenario(
        name="silence before the head on resume",
        script=(cut(1), no_answer(End.STALL), rest(1)),
        asked=(None, "msg_01:1", "msg_01:1"),
        settings={"stream_idle_timeout": 0.3},
        resumes=2,
    ),
    Scenario(
        name="an id on an event of another name",
        script=(
            stream_answer(EVENTS[0], sse("{}", id="msg_01:2", event="ping"), end=End.FIN),
            stream_answer(*numbered([chunk(None)] * 2 + [chunk("x"), final()])[2:]),
        ),
        text=TEXTS[0] + "x",
        asked=(None, "msg_01:2"),
    ),
    Scenario(
        name="not a stream on resume",
        script=(cut(1), Answer(headers={"Content-Type": "text/html"}, pieces=(b"<p>",))),
        text=TEXTS[0],
        error=StreamProtocolError,
        says="text/html",
        asked=(None, "msg_01:1"),
    ),
    Scenario(
        name="a wait longer than retry_max_delay",
        script=(cut(1), problem(503, "busy", Retry_After="3600")),
        text=TEXTS[0],
        error=StreamInterruptedError,
        says="detail of busy",
        asked=(None, "msg_01:1"),
    ),
    Scenario(
        name="resuming switched off",
        script=(cut(1),),
        text=TEXTS[0],
        error=StreamInterruptedError,
        asked=(None,),
        settings={"max_resumes": 0},
    ),
]
