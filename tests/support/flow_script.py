"""What the simulated service of :mod:`tests.support.flow_server` is told to do, turn by turn."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from itertools import cycle, islice, repeat
from math import inf
from typing import Any

import attrs

from gpo_client.flows.effects import Failure, FailureKind


class Stop(Enum):
    """What happens after the last byte of a body."""

    END = "the body ends as HTTP ends bodies"
    CUT = "the connection is closed in the middle of the framing"
    RESET = "the connection is reset"
    STALL = "silence"
    HEARTBEATS = "heartbeats, and nothing else"


@attrs.frozen(kw_only=True)
class Turn:
    """How one request is answered. By default: at once, whole, as the contract says.

    Attributes:
        restart: The service has been restarted before: its logs are lost.
        connect: Seconds until the connection stands.
        failure: No answer comes; this failure does. A TIMEOUT is silence until the client gives up.
        latency: Seconds from the connection to the head.
        status: The status of the answer; 400 and above are problems.
        code: The problem's code.
        retry_after: The ``Retry-After`` of a problem.
        retry_ms: The stream's ``retry`` field.
        replay: How many events before the continuing one are sent again.
        doubled: The numbers of events that are sent twice in a row.
        gap: The number of an event that is left out.
        events: How many events the body has at most; None: all.
        keep: How many bytes of the body are sent; None: all.
        stop: What happens then.
        sizes: The portions in which bytes arrive, again and again.
        pause: Seconds between portions.
        beats: Heartbeats before each event.
        beat_every: Seconds between heartbeats after the last byte.
        eol: How lines end.
        fields: Header fields that beat the usual ones.
        body: The body, in place of the usual one.
    """

    restart: bool = False
    connect: float = 0.0
    failure: FailureKind | None = None
    latency: float = 0.0
    status: int = 200
    code: str = "unavailable"
    retry_after: int | None = None
    retry_ms: int | None = None
    replay: int = 0
    doubled: frozenset[int] = frozenset()
    gap: int | None = None
    events: int | None = None
    keep: int | None = None
    stop: Stop = Stop.END
    sizes: Sequence[int] = (65_536,)
    pause: float = 0.0
    beats: int = 0
    beat_every: float = 1.0
    eol: bytes = b"\n"
    fields: Mapping[str, str] = attrs.field(factory=dict[str, str])
    body: bytes | None = None

    def arrivals(self, body: bytes) -> Iterator[tuple[float, bytes | Failure]]:
        """What arrives of a body, each with the seconds since what came before it."""
        sent = body[: self.keep]
        sizes = cycle(self.sizes)
        position, wait = 0, 0.0
        while position < len(sent):
            size = next(sizes)
            yield wait, sent[position : position + size]
            position, wait = position + size, self.pause
        match self.stop:
            case Stop.END:
                yield from repeat((0.0, b""))
            case Stop.CUT:
                yield from repeat((0.0, Failure(FailureKind.CUT)))
            case Stop.RESET:
                yield from repeat((0.0, Failure(FailureKind.RESET)))
            case Stop.STALL:
                yield inf, b""
            case Stop.HEARTBEATS:
                yield from repeat((self.beat_every, b": heartbeat" + self.eol * 2))


@attrs.frozen
class Generation:
    """An answer that the service has generated: its text, in the pieces of its log.

    Attributes:
        number: Which one of the service's answers it is, from 1.
        pieces: The texts of its events; a final event without text follows.
    """

    number: int
    pieces: Sequence[str]

    @property
    def message_id(self) -> str:
        """The id of the answer."""
        return f"msg_{self.number:02}"

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.pieces)

    @property
    def size(self) -> int:
        """How many events it has."""
        return len(self.pieces) + 1

    def chunk(self, number: int) -> dict[str, Any]:
        """The chunk with that number, from 1."""
        last = number == self.size
        metadata = {"message_id": self.message_id, "n": number}
        content = None if last else self.pieces[number - 1]
        return {"content": content, "sources": None, "is_complete": last, "metadata": metadata}

    def numbers(self, after: int, turn: Turn) -> Iterator[int]:
        """The numbers of the events that a turn sends, in order."""
        for number in range(max(after - turn.replay, 0) + 1, self.size + 1):
            if number != turn.gap:
                yield from (number, number) if number in turn.doubled else (number,)

    def parts(self, after: int, turn: Turn) -> Iterator[tuple[int, bytes]]:
        """The body of a turn, part by part: events with their numbers, and with 0 what is no event."""
        if turn.retry_ms is not None:
            yield 0, b"retry: %d" % turn.retry_ms + turn.eol * 2
        for position, number in enumerate(islice(self.numbers(after, turn), turn.events)):
            yield from [(0, b": heartbeat" + turn.eol * 2)] * turn.beats
            # Of the characters that JSON need not escape, every other event leaves those beyond ASCII as they are.
            data = json.dumps(self.chunk(number), ensure_ascii=position % 2 == 0).encode()
            id_field = b"id: " + f"{self.message_id}:{number}".encode()
            yield number, turn.eol.join((id_field, b"data: " + data, b"", b""))
