"""Pictures of the doors in use, which the documents show. ``PICTURES=1`` writes them there."""

from __future__ import annotations

import os
import textwrap

from tests.support.parts import ROOT
from tools.drawings.canvas import Drawing

IMAGES = ROOT / "docs" / "images"
_COLUMNS, _LINE, _MARGIN = 96, 17, 18
_COLUMN = 7.3


def draw_terminal(name: str, title: str, shown: str) -> None:
    """Hold a picture to what a program shows in a terminal.

    Args:
        name: The picture's file.
        title: What it shows, for those who do not see it.
        shown: The command, after ``$``, and what it prints.
    """
    lines = [piece for line in shown.strip().splitlines() for piece in _wrapped(line)]
    drawing = Drawing(int(_COLUMNS * _COLUMN) + 2 * _MARGIN, len(lines) * _LINE + 2 * _MARGIN, title)
    for number, line in enumerate(lines, 1):
        drawing.text(_MARGIN, _MARGIN + number * _LINE - 5, line, "code")
    path = IMAGES / name
    if os.environ.get("PICTURES"):
        path.write_text(drawing.svg(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == drawing.svg(), f"PICTURES=1 draws {name} again"


def _wrapped(line: str) -> list[str]:
    indent = "  " if line.startswith(("$", " ")) else ""
    return textwrap.wrap(line, _COLUMNS, subsequent_indent=indent, break_on_hyphens=False) or [""]
