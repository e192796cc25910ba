"""The events: the same bytes for every client, in the shape of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from bench.scenarios import Scenario

# About what a language model writes at a time.
_WORDS = (
    "The ",
    "tax ",
    "regime ",
    "for ",
    "companies ",
    "resident ",
    "in ",
    "México ",
    "is ",
    "RESICO",
    ", ",
    "which ",
)
_FIRST = b'{"content":"Companies ","sources":null,"is_complete":false,"metadata":{"message_id":"msg_01"}}'
_LAST = (
    b'{"content":null,"sources":[{"id":"src_01","title":"Corporate taxes in Mexico","relevance_score":0.92,'
    b'"url":"https://docs.example.com/mexico/corporate-taxes","content_excerpt":"A company is resident in Mexico '
    b'when it is managed from there."}],"is_complete":true,"metadata":{"message_id":"msg_01","model_used":"bench-1"}}'
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
