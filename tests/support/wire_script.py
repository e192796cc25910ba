"""What a :class:`~tests.support.wire.WireServer` is told to do, and what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Literal

import attrs


class End(Enum):
    """What happens after the last piece of an answer."""

    FINISH = "the body ends as announced; the connection takes the next request, if the framing allows it"
    FIN = "the sending direction is closed, whatever was announced"
    RESET = "the connection is reset"
    STALL = "silence, until the client closes"


@attrs.frozen(kw_only=True)
class Answer:
    """One answer.

    Attributes:
        status: The HTTP status.
        headers: Header fields besides those of the framing.
        pieces: The body, each piece sent on its own; an Event is waited for instead. May be endless.
        end: What happens then.
        framing: How the end of the body is announced: by chunks (each piece is one), by its length, by closing. A raw
            answer is all in the pieces, its head included.
        announced: The length to announce in place of the true one.
    """

    status: int = 200
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    pieces: Iterable[bytes | threading.Event] = attrs.field(default=(), repr=False)
    end: End = End.FINISH
    framing: Literal["chunked", "length", "close", "raw"] = "chunked"
    announced: int | None = None

    @property
    def head(self) -> bytes:
        """The status line and the header fields."""
        if self.framing == "raw":
            return b""
        fields = dict(self.headers)
        if self.framing == "chunked":
            fields["Transfer-Encoding"] = "chunked"
        elif self.framing == "length":
            size = sum(len(piece) for piece in self.pieces if isinstance(piece, bytes))
            fields["Content-Length"] = str(size if self.announced is None else self.announced)
        else:
            fields["Connection"] = "close"
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"HTTP/1.1 {self.status} Whatever\r\n{lines}\r\n".encode()

    def parts(self) -> Iterator[bytes | threading.Event]:
        """All that is sent, in order; an Event is waited for.

        The end of the body comes with the last piece, unless an Event is the last or the pieces are made as they are
        sent: a client need not wait for an end that comes later, so whether the connection serves again would be luck.
        """
        yield self.head
        tail = b"0\r\n\r\n" if self.framing == "chunked" and self.end is End.FINISH else b""
        if isinstance(self.pieces, Sequence) and self.pieces and isinstance(self.pieces[-1], bytes):
            *pieces, last = self.pieces
            yield from map(self._framed, pieces)
            yield self._framed(last, tail)
        else:
            yield from map(self._framed, self.pieces)
            yield tail

    def _framed(self, piece: bytes | threading.Event, tail: bytes = b"") -> bytes | threading.Event:
        if not isinstance(piece, bytes):
            return piece
        return (b"%x\r\n%b\r\n" % (len(piece), piece) if self.framing == "chunked" else piece) + tail


def no_answer(end: End) -> Answer:
    """Nothing at all, not even a head."""
    return Answer(framing="raw", end=end)


@attrs.frozen(kw_only=True)
class Received:
    """A request as it arrived.

    Attributes:
        connection: The number of the connection it came on, from 0.
        method: ``GET``, ``POST`` …
        target: Path and query.
        headers: The header fields, names in lower case; a field that came twice has its values joined by ``", "``.
        body: The bytes of the body.
    """

    connection: int
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """What the body says."""
        return json.loads(self.body)
