"""A stream that breaks and goes on."""

from __future__ import annotations

from functools import partial

from tools.drawings.canvas import Drawing
from tools.drawings.sequence import Line, Step, sequence

_LINES = (Line(110, "your loop", "outside"), Line(400, "the stream", "decision"), Line(730, "service", "io"))

_ask = partial(Step, 1, 2)
_event = partial(Step, 2, 1, is_data=True)
_give = partial(Step, 1, 0, is_data=True)

_STEPS = (
    _ask("POST /api/Chat, Idempotency-Key: k"),
    _event("id 1  “Mexico ”"),
    _give("“Mexico ”"),
    _event("id 2  “taxes ”"),
    _give("“taxes ”"),
    _event("id 3  “income”"),
    _give("“income”"),
    Step(2, 1, "the connection breaks", is_bad=True),
    Step(1, 1, "waits as long as the service asked"),
    _ask("the same request and key, Last-Event-ID: 3"),
    _event("id 3  “income”"),
    Step(1, 1, "known already: dropped", is_bad=True),
    _event("id 4  “.”"),
    _give("“.”"),
    _event("id 5  sources, is_complete"),
    _give("the last chunk: the answer is whole"),
)


def resumed_stream() -> Drawing:
    """Your loop sees neither the break nor the repetition."""
    return sequence("A stream over two connections", _LINES, _STEPS)
