"""Markdown on a terminal."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown
from rich.segment import Segment

from gpo_client.cli.answer.blocks import parser
from gpo_client.printable import printable


class AnswerMarkdown(Markdown):
    """The Markdown of an answer. Addresses are shown, not hidden behind words: links are the model's, not ours."""

    def __init__(self, text: str) -> None:
        super().__init__("", hyperlinks=False)
        self.parsed = parser().parse(printable(text))


class LastLines:
    """The last lines of a rendering, as many as the terminal has room for: what is drawn over must fit into it.

    Args:
        markdown: What to render.
        reserved: Lines to leave free.
    """

    def __init__(self, markdown: AnswerMarkdown, reserved: int) -> None:
        self._markdown = markdown
        self._reserved = reserved

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Return the lines."""
        room = max(console.height - self._reserved, 1)
        lines = console.render_lines(self._markdown, options.update(height=None), pad=False)
        for line in lines[-room:]:
            yield from line
            yield Segment.line()
