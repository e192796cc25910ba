"""An answer on its way to a browser that loses its connection."""

from __future__ import annotations

from functools import partial

from tools.drawings.canvas import Drawing
from tools.drawings.sequence import Line, Step, sequence

_LINES = (
    *(Line(100, "browser", "outside"), Line(330, "your endpoint", "io")),
    *(Line(560, "log", "decision"), Line(770, "GPO API", "io")),
)

_write = partial(Step, 3, 2, is_data=True)
_read = partial(Step, 2, 1, is_data=True)
_send = partial(Step, 1, 0, is_data=True)

_STEPS = (
    Step(0, 1, "GET /ask?query=…"),
    Step(1, 3, "the question, with the token"),
    _write("chunk 1"),
    _read("1"),
    _send("id a:1"),
    _write("chunk 2"),
    _read("2"),
    Step(1, 0, "the connection breaks", is_bad=True),
    _write("chunk 3"),
    Step(0, 1, "GET again, Last-Event-ID: a:1"),
    _read("2, 3"),
    _send("id a:2, id a:3"),
    _write("the last chunk"),
    _read("end"),
    _send("id a:end"),
)


def relayed_answer() -> Drawing:
    """Return the answer goes on being written while nobody listens, and is asked for once."""
    return sequence("An answer relayed to a browser that comes back", _LINES, _STEPS)
