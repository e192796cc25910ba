"""Markdown on a terminal; while it grows, cut into blocks that are finished and the one that is not.

Rendering Markdown costs time in proportion to its length, so rendering all of an answer for each piece of it would
take a time that grows with the square of the answer. A block that another one follows (CommonMark §3) does not change
any more: it is rendered once, for good.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown
from rich.segment import Segment

from gpo_client.printable import printable

# Looking for the end of a block means parsing it. A block that has no end yet, such as a long list, is looked at
# again when it has grown by this factor, so that all looks together cost no more than a few times its length.
_GROWTH = 1.5


def parser() -> MarkdownIt:
    """CommonMark with tables and strikethrough.

    HTML and link reference definitions are text like any other: nothing that an answer says may go unseen.
    """
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("reference")


class GrowingMarkdown:
    r"""Takes Markdown piece by piece.

    >>> growing = GrowingMarkdown()
    >>> growing.add("One.\n\nTwo,\nwhich goes")
    >>> growing.take_finished(), growing.rest
    ('One.\n\n', 'Two,\nwhich goes')
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        #: How many characters have not been taken.
        self.size = 0
        self._next_look = 0.0
        self._parser = parser()
        #: How many characters were parsed so far.
        self.parsed = 0

    def add(self, text: str) -> None:
        """Append a piece."""
        self._pieces.append(text)
        self.size += len(text)

    @property
    def rest(self) -> str:
        """What is not finished, or has not been taken."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def tail(self, limit: int) -> str:
        """Return the end of the rest: about ``limit`` characters, from the beginning of a line."""
        rest = self.rest
        if len(rest) <= limit:
            return rest
        return rest[rest.find("\n", len(rest) - limit) + 1 :]

    def take_finished(self) -> str:
        """Return the blocks that are finished, each once; empty when there is none."""
        if self.size < self._next_look:
            return ""
        rest = self.rest
        # Lines alone: half of one may look like another kind of block than the whole.
        lines = rest[: rest.rfind("\n") + 1]
        self.parsed += len(lines)
        starts = [token.map[0] for token in self._parser.parse(lines) if token.level == 0 and token.map]
        if not starts or starts[-1] == 0:
            self._next_look = len(rest) * _GROWTH
            return ""
        cut = _offset_of_line(rest, starts[-1])
        self._pieces, self.size, self._next_look = [rest[cut:]], len(rest) - cut, 0.0
        return rest[:cut]

    def take_rest(self) -> str:
        """Everything that is left, at the end of the text."""
        rest, self._pieces, self.size = self.rest, [], 0
        return rest


def _offset_of_line(text: str, number: int) -> int:
    offset = 0
    for _ in range(number):
        offset = text.index("\n", offset) + 1
    return offset


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
