"""Who says what to whom, in the order of time: lifelines, and what passes between them."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from tools.drawings.canvas import Drawing

_STEP, _TOP = 34, 76


@attrs.frozen
class Line:
    """A lifeline.

    Attributes:
        x: Where.
        name: Whose.
        kind: As for boxes.
    """

    x: float
    name: str
    kind: str


@attrs.frozen
class Step:
    """Something that happens.

    Attributes:
        start: The number of the lifeline it comes from.
        end: Where it goes; the same one if it stays there.
        text: What it is.
        is_data: Whether the text is data, rather than a remark.
        is_bad: Whether it gets lost on the way, or is thrown away.
    """

    start: int
    end: int
    text: str
    is_data: bool = False
    is_bad: bool = False


def sequence(title: str, lines: Sequence[Line], steps: Sequence[Step]) -> Drawing:
    """Return the drawing.

    Args:
        title: What it shows.
        lines: From left to right.
        steps: From first to last.
    """
    bottom = _TOP - 6 + _STEP * len(steps) + 14
    drawing = Drawing(860, bottom + 14, title)
    for line in lines:
        drawing.labelled(line.x - 70, 16, 140, 30, name=line.name, kind=line.kind)
        drawing.line(line.x, 46, line.x, bottom, "dashed")
    for number, step in enumerate(steps):
        _draw(drawing, lines[step.start].x, lines[step.end].x, step, _TOP + number * _STEP)
    return drawing


def _draw(drawing: Drawing, start: float, end: float, step: Step, y: float) -> None:
    middle = (start + end) / 2
    if start == end:
        drawing.dot(start, y, "bad" if step.is_bad else "decision")
        drawing.text(start - 14, y + 4, step.text, "note", "end")
    elif step.is_bad:
        drawing.line(start, y, middle, y, "bad")
        drawing.cross(middle, y)
        drawing.text(middle, y - 10, step.text, "note", "middle")
    else:
        drawing.arrow(start, y, end + (2 if end < start else -2), y)
        drawing.text(middle, y - 6, step.text, "code" if step.is_data else "note", "middle")
