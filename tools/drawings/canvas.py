"""Drawing boxes, lines and text as SVG, readable on light and on dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

# The card under each drawing changes with its text, so that the two always fit each other, whatever the page does.
_STYLE = """
  svg { font-family: system-ui, sans-serif; font-size: 13px }
  .card { fill: #ffffff; stroke: #d5dae2 }
  text { fill: #1f2430 }
  .note { fill: #596273; font-size: 12px }
  .name { font-weight: 600 }
  .code { font-family: ui-monospace, monospace; font-size: 12px; white-space: pre }
  .outside { fill: #f6efdf; stroke: #a87f2a }
  .io { fill: #e6edf9; stroke: #4a6fb5 }
  .decision { fill: #e4f3e8; stroke: #3d8b57 }
  .value { fill: #f0eef4; stroke: #8077a0 }
  .bad { fill: #fbe5e2; stroke: #c0392b }
  line, path { stroke: #596273; fill: none; stroke-width: 1.4 }
  line.bad, path.bad { stroke: #c0392b; stroke-width: 2 }
  .dashed { stroke-dasharray: 4 4 }
  .tip { fill: #596273; stroke: none }
  @media (prefers-color-scheme: dark) {
    .card { fill: #20242c; stroke: #3a414d }
    text { fill: #e8ebf0 }
    .note { fill: #a8b1c0 }
    .outside { fill: #453a20; stroke: #c79b45 }
    .io { fill: #263553; stroke: #7f9fdc }
    .decision { fill: #21402c; stroke: #69b986 }
    .value { fill: #37334a; stroke: #a99fd0 }
    .bad { fill: #522622; stroke: #e8786b }
    line, path { stroke: #a8b1c0 }
    line.bad, path.bad { stroke: #e8786b }
    .tip { fill: #a8b1c0 }
  }
"""


class Drawing:
    """A drawing on a card.

    Args:
        width: In pixels.
        height: In pixels.
        title: What it shows, for those who do not see it.
    """

    def __init__(self, width: int, height: int, title: str) -> None:
        self._size = (width, height)
        self._title = title
        self._parts: list[str] = []

    def box(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """Draw a box with round corners; ``kind`` is ``io``, ``decision``, ``value``, ``outside`` or ``bad``."""
        self._parts.append(f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5"/>')

    def text(self, x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> None:
        """Write a line of text.

        ``kind`` is ``name``, ``note``, ``code`` or nothing, ``anchor`` start, middle or end.
        """
        self._parts.append(f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>')

    def labelled(self, x: float, y: float, width: float, height: float, *, name: str, kind: str) -> None:
        """Draw a box with its name in the middle."""
        self.box(x, y, width, height, kind)
        self.text(x + width / 2, y + height / 2 + 4.5, name, "name", "middle")

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str = "") -> None:
        """Draw a straight line; ``kind`` is ``dashed``, ``bad`` or nothing."""
        self._parts.append(f'<line class="{kind}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>')

    def path(self, points: Sequence[tuple[float, float]]) -> None:
        """Draw a line through points."""
        steps = " L".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<path d="M{steps}"/>')

    def arrow(self, x1: float, y1: float, x2: float, y2: float, kind: str = "") -> None:
        """Draw a line, straight down or sideways, with a tip at its end."""
        self.line(x1, y1, x2, y2, kind)
        side = 1 if x2 > x1 else -1
        tip = (
            f"{x2 - 4:g},{y2 - 7:g} {x2 + 4:g},{y2 - 7:g}"
            if x1 == x2
            else f"{x2 - 7 * side:g},{y2 - 4:g} {x2 - 7 * side:g},{y2 + 4:g}"
        )
        self._parts.append(f'<polygon class="tip" points="{x2:g},{y2:g} {tip}"/>')

    def dot(self, x: float, y: float, kind: str, radius: float = 5) -> None:
        """Draw a dot."""
        self._parts.append(f'<circle class="{kind}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>')

    def svg(self) -> str:
        """Return the drawing."""
        width, height = self._size
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img">'
        )
        card = f'<rect class="card" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>'
        lines = [
            head,
            f"<title>{escape(self._title)}</title>",
            f"<style>{_STYLE}</style>",
            card,
            *self._parts,
            "</svg>",
        ]
        return "\n".join(lines) + "\n"
