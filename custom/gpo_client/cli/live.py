"""An answer that is rendered while it comes in.

Rendering Markdown costs time in proportion to its length, so rendering all of an answer for each piece of it would
take a time that grows with the square of the answer. A block that another one follows (CommonMark §3) does not change
any more: it is rendered once, for good.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Self

from markdown_it import MarkdownIt
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.markdown import Markdown
from rich.segment import Segment
from rich.spinner import Spinner
from rich.text import Text

from gpo_client.cli.console import Screen
from gpo_client.cli.views import AnswerFacts, AnswerView, PlainView, sources_table
from gpo_client.models.stream import StreamingChunk
from gpo_client.printable import one_line, printable
from gpo_client.text.sources import SourceCollector

#: How often the terminal is drawn: often enough to read along, seldom enough to cost little.
FRAMES_PER_SECOND = 8

# Of a block that grows beyond all bounds, this much is rendered while it grows; all of it, once it is finished.
_LIVE_CHARS = 4_000

# Text that comes faster than it is drawn is settled in portions of at least this size: should the stream pause after
# it, no more than that waits off the screen.
_SETTLE_CHARS = 1_000

# Lines of the terminal that a drawing leaves free, so that it never scrolls: status, blank line, cursor.
_RESERVED_LINES = 4


def terminal_view(screen: Screen) -> AnswerView:
    """How an answer is shown where somebody reads it."""
    return LiveView(screen.console) if screen.is_live else PlainView(screen.write)


class LiveView:
    """Draws the unfinished end of the answer anew and lets finished blocks scroll away above it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._growing = GrowingMarkdown()
        self._lock = threading.Lock()  # of the text: one thread gets it, another draws it
        # Of the terminal: rich decides first where a frame goes and writes it then, and nothing may come in between.
        self._terminal = threading.Lock()
        self._frames = threading.Thread(target=self._draw_frames, daemon=True)
        self._done = threading.Event()
        self._sources = SourceCollector()
        self._keys = ExitStack()
        self._began = False
        self._settled_at = 0.0
        self._spinner = Spinner("line" if console.options.ascii_only else "dots", Text("asking"))
        # Transient: what it leaves behind is printed for good, by blocks, and not as much as fits on the screen.
        self._live = Live(
            _Lazy(self._draw),
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        """Show that something is being waited for."""
        with ExitStack() as keys:
            keys.enter_context(unechoed_keys())
            self._live.start(refresh=True)
            self._frames.start()
            self._keys = keys.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave all that has arrived on the terminal, however the answer ended."""
        with self._lock:
            rest = self._growing.take_rest()
        with self._keys:  # whatever happens, the terminal is given back as it was
            self._done.set()
            with self._terminal:
                self._live.stop()
        self._print(rest)

    def status(self, text: str) -> None:
        """Show what is being waited for."""
        self._spinner.text = Text(one_line(text))

    def chunk(self, chunk: StreamingChunk) -> None:
        """Take a chunk in; it is drawn with the next frame."""
        self._sources.add(chunk.sources or ())
        if chunk.content:
            self.status("")
            self._print(self._take_in(printable(chunk.content)))

    def finish(self, facts: AnswerFacts) -> None:
        """Show the sources, and the facts for whoever wants to go on from here."""
        self.__exit__()
        for warning in facts.warnings:
            self._console.print(Text(f"\nWarning: {one_line(warning)}", "yellow"))
        if sources := self._sources.numbered:
            ascii_only = self._console.options.ascii_only
            self._console.print()
            self._console.print(sources_table(sources, self._console.width, ascii_only=ascii_only))
        self._console.print(Text(f"\n{footer(facts, self._console.width)}", "dim"))

    def _take_in(self, text: str) -> str:
        """Add text; the blocks that are finished, no more often than anything is drawn unless it is much at once."""
        with self._lock:
            self._growing.add(text)
            now = time.monotonic()
            if now - self._settled_at < 1 / FRAMES_PER_SECOND and self._growing.size < _SETTLE_CHARS:
                return ""
            self._settled_at = now
            return self._growing.take_finished()

    def _print(self, markdown: str) -> None:
        if markdown.strip():
            with self._terminal:
                if self._began:
                    self._console.print()
                self._began = True
                self._console.print(AnswerMarkdown(markdown))

    def _draw_frames(self) -> None:
        while not self._done.wait(1 / FRAMES_PER_SECOND):
            with self._terminal:
                if not self._done.is_set():
                    self._live.refresh()

    def _draw(self) -> RenderableType:
        with self._lock:
            tail = self._growing.tail(_LIVE_CHARS)
        parts: list[RenderableType] = [Text()] if self._began else []
        if tail.strip():
            parts.append(LastLines(AnswerMarkdown(tail), _RESERVED_LINES))
        if not tail.strip() or self._spinner.text:
            parts.append(self._spinner)
        return Group(*parts)


class _Lazy:
    """What is to be drawn, found out when it is drawn and not before."""

    def __init__(self, draw: Callable[[], RenderableType]) -> None:
        self._draw = draw

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self._draw()


def footer(facts: AnswerFacts, width: int) -> str:
    """Return the facts below an answer, on as many lines as they need.

    None is broken where it would fit, ids least of all.
    """
    parts = [f"conversation {one_line(facts.conversation_id)}"]
    if facts.message_id:
        parts.append(f"message {one_line(facts.message_id)}")
    if facts.first_chunk_s is not None:
        parts.append(f"first chunk {facts.first_chunk_s:.2f} s")
    if facts.duration_s is not None:
        parts.append(f"{facts.duration_s:.2f} s")
    if facts.resume_count:
        parts.append(f"continued {facts.resume_count}x")
    lines = parts[:1]
    for part in parts[1:]:
        joined = f"{lines[-1]} · {part}"
        lines = [*lines[:-1], joined] if cell_len(joined) <= width else [*lines, part]
    return "\n".join(lines)


@contextmanager
def unechoed_keys() -> Generator[None]:
    """Keep the terminal from showing keys, ^C among them: they would land in the middle of the drawing.

    They are not lost: whoever reads them next gets them, and Ctrl-C interrupts as ever.
    """
    try:
        import termios
    except ImportError:  # Windows, whose console shows keys to whoever reads them
        yield
        return
    if sys.stdin is None or not sys.stdin.isatty():  # pyright: ignore[reportUnnecessaryComparison] - None when closed
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    during = [*before]
    during[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, during)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)


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
    """The last lines of a rendering, as many as the terminal has room for: what is drawn over must fit into it."""

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
