"""A stream that breaks and goes on, in the order of time."""

from __future__ import annotations

from tools.drawings.canvas import Drawing

_LOOP, _STREAM, _SERVICE = 110, 400, 730
_STEP = 34

# Who to whom, what, and how it goes: to the service, to the loop, lost on the way, or done by the stream itself.
_STEPS = (
    ("out", "POST /api/Chat, Idempotency-Key: k"),
    ("in", "id 1  “Mexico ”"),
    ("up", "“Mexico ”"),
    ("in", "id 2  “taxes ”"),
    ("up", "“taxes ”"),
    ("in", "id 3  “income”"),
    ("up", "“income”"),
    ("lost", "the connection breaks"),
    ("wait", "waits as long as the service asked"),
    ("out", "the same request and key, Last-Event-ID: 3"),
    ("in", "id 3  “income”"),
    ("drop", "known already: dropped"),
    ("in", "id 4  “.”"),
    ("up", "“.”"),
    ("in", "id 5  sources, is_complete"),
    ("up", "the last chunk: the answer is whole"),
)


def resumed_stream() -> Drawing:
    """Three lifelines, and what passes between them."""
    bottom = 70 + _STEP * len(_STEPS) + 14
    drawing = Drawing(860, bottom + 14, "A stream over two connections")
    for x, name, kind in (
        (_LOOP, "your loop", "outside"),
        (_STREAM, "the stream", "decision"),
        (_SERVICE, "service", "io"),
    ):
        drawing.labelled(x - 70, 16, 140, 30, name=name, kind=kind)
        drawing.line(x, 46, x, bottom, "dashed")
    for number, (what, text) in enumerate(_STEPS):
        _step(drawing, what, text, 76 + number * _STEP)
    return drawing


def _step(drawing: Drawing, what: str, text: str, y: float) -> None:
    middle = (_STREAM + _SERVICE) / 2
    if what == "out":
        drawing.arrow(_STREAM, y, _SERVICE - 2, y)
        drawing.text(middle, y - 6, text, "note", "middle")
    elif what == "in":
        drawing.arrow(_SERVICE, y, _STREAM + 2, y)
        drawing.text(middle, y - 6, text, "code", "middle")
    elif what == "up":
        drawing.arrow(_STREAM, y, _LOOP + 2, y)
        drawing.text((_LOOP + _STREAM) / 2, y - 6, text, "code", "middle")
    elif what == "lost":
        drawing.line(_SERVICE, y, middle + 40, y, "bad")
        drawing.cross(middle + 34, y)
        drawing.text(middle + 10, y + 4, text, "note", "end")
    else:
        drawing.dot(_STREAM, y, "bad" if what == "drop" else "decision")
        drawing.text(_STREAM - 14, y + 4, text, "note", "end")
