"""The events: the same bytes for every client, in the shape of the contract.

Which the server shall write, the question itself says, which every client can send.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, Self

import attrs
import msgspec

# About what a language model writes at a time.
_WORDS = (
    "The ", "tax ", "regime ", "for ", "companies ", "resident ", "in ", "México ", "is ", "RESICO", ", ", "which ",
)  # fmt: skip
_FIRST = b'{"content":"Companies ","sources":null,"is_complete":false,"metadata":{"message_id":"msg_01"}}'
_LAST = (
    b'{"content":null,"sources":[{"id":"src_01","title":"Corporate taxes in Mexico","relevance_score":0.92,'
    b'"url":"https://docs.example.com/mexico/corporate-taxes","content_excerpt":"A company is resident in Mexico '
    b'when it is managed from there."}],"is_complete":true,"metadata":{"message_id":"msg_01","model_used":"bench-1"}}'
)
#: A whole answer, as it comes to who wants no stream.
ANSWER = (
    b'{"message_id":"msg_01","conversation_id":"conv_01","message_content":"Companies resident in M\xc3\xa9xico pay '
    b'income tax on what they earn worldwide.","sources":[{"id":"src_01","title":"Corporate taxes in Mexico",'
    b'"relevance_score":0.92,"url":"https://docs.example.com/mexico/corporate-taxes","content_excerpt":"A company is '
    b'resident in Mexico when it is managed from there."}],"created_at":"2026-11-02T09:30:05Z","response_time_ms":812,'
    b'"model_used":"bench-1"}'
)
_MIDDLE = tuple(
    b'{"content":"%b","sources":null,"is_complete":false,"metadata":null}' % word.encode() for word in _WORDS
)


def events(count: int, name: str = "") -> Iterator[bytes]:
    """``count`` events with ids from 1, the last of them final.

    Args:
        count: How many.
        name: The name of the events, if they have one.
    """
    head = b"event: %b\nid: msg_01:%%d\n" % name.encode() if name else b"id: msg_01:%d\n"
    for number in range(1, count + 1):
        if number == count:
            data = _LAST
        elif number == 1:
            data = _FIRST
        else:
            data = _MIDDLE[number % len(_MIDDLE)]
        retry = b"retry: 1000\n" if number == 1 else b""
        yield head % number + retry + b"data: " + data + b"\n\n"


def huge_event(size: int) -> bytes:
    """One event, the first and the final one, whose content has ``size`` characters."""
    content = b"0123456789abcdef" * (size // 16)
    return b'id: msg_01:1\ndata: {"content":"%b","sources":null,"is_complete":true,"metadata":null}\n\n' % content


def http_chunk(data: bytes) -> bytes:
    """A chunk of a body with ``Transfer-Encoding: chunked``."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def bodies(scenario: Scenario) -> Iterator[bytes]:
    """The HTTP chunks of an answer, without the last one (which is empty)."""
    if scenario.mode == "huge":
        data = huge_event(scenario.size)
        pieces = (data[start : start + scenario.per] for start in range(0, len(data), scenario.per))
        return (http_chunk(piece) for piece in pieces)
    per = scenario.per if scenario.mode == "bursts" else 1
    return (http_chunk(burst) for burst in _bursts(scenario.events, per, scenario.event))


@lru_cache(maxsize=8)
def prepared(scenario: Scenario) -> tuple[bytes, ...]:
    """The same, made beforehand, so that making it takes no time while a client waits."""
    return tuple(bodies(scenario))


def _bursts(count: int, per: int, name: str) -> Iterator[bytes]:
    burst: list[bytes] = []
    for event in events(count, name):
        burst.append(event)
        if len(burst) == per:
            yield b"".join(burst)
            burst.clear()
    if burst:
        yield b"".join(burst)


Mode = Literal["bursts", "segments", "together", "idle", "huge", "call"]
_FIELD = re.compile(rb"bench:([a-z_]+=[\w]+(?:,[a-z_]+=[\w]+)*)")


@attrs.frozen(kw_only=True)
class Scenario:
    """One answer, as the server writes it.

    Attributes:
        mode: ``bursts``: as fast as the client reads. ``segments``: one event to a TCP segment. ``together``:
            the same for many streams at once, none of which begins before all are there. ``idle``: one event, then
            silence. ``huge``: one event with ``size`` characters of content, ``per`` bytes to an HTTP chunk. ``call``:
            no events, but the whole answer.
        events: How many events, the final one included.
        per: How many events go into one write, which is one HTTP chunk; in ``huge``, how many bytes.
        pace_us: Microseconds from one event of a stream to the next at least, in ``segments`` and ``together``.
        streams: How many streams go together.
        size: Characters of content of the huge event.
        event: The name of the events; empty for none, which is what the contract says.
    """

    mode: Mode = "bursts"
    events: int = 1000
    per: int = 200
    pace_us: int = 0
    streams: int = 1
    size: int = 0
    event: str = ""

    def ask(self) -> str:
        """The question that asks for this."""
        fields = attrs.asdict(self, filter=lambda field, value: value != field.default)
        return "bench:" + ",".join(f"{name}={value}" for name, value in {"mode": self.mode, **fields}.items())

    @classmethod
    def read(cls, body: bytes) -> Self:
        """What the body of a request asks for, wherever in it the question stands.

        Raises:
            ValueError: It asks for nothing of the kind.
        """
        found = _FIELD.search(body)
        if found is None:
            raise ValueError("the request holds no question of the benchmark")
        told = dict(pair.split("=") for pair in found[1].decode().split(","))
        return msgspec.convert(told, cls, strict=False)  # the numbers come as text
