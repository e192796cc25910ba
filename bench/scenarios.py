"""What the server is asked to write. The question itself says so, which every client can send."""

from __future__ import annotations

import re
from typing import Literal, Self

import attrs
import msgspec

Mode = Literal["bursts", "segments", "together", "idle", "huge"]
_FIELD = re.compile(rb"bench:([a-z_]+=[\w]+(?:,[a-z_]+=[\w]+)*)")


@attrs.frozen(kw_only=True)
class Scenario:
    """One answer, as the server writes it.

    Attributes:
        mode: ``bursts``: as fast as the client reads. ``segments``: one event to a TCP segment. ``together``:
            the same for many streams at once, none of which begins before all are there. ``idle``: one event, then
            silence. ``huge``: one event with ``size`` characters of content, ``per`` bytes to an HTTP chunk.
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
