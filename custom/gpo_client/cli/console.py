"""The one place that prints."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess  # nosec B404
import sys
import traceback
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from errno import EBADF
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from gpo_client.cli.exit_codes import line_of, usage
from gpo_client.cli.rows import Rows, json_line
from gpo_client.drivers.files import AtomicFile
from gpo_client.models.secret import SHOWN
from gpo_client.printable import one_line, printable


class SafeConsole(Console):
    """A console on which text from elsewhere cannot do anything but be read."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Return the segments of a renderable; what is not rich's own control passes the filter."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))

    def on_broken_pipe(self) -> None:
        """Leave it to whoever runs the command."""
        raise BrokenPipeError


class Screen:
    """Standard output and standard error, as they are: a terminal, or a pipe or file that gets plain text."""

    def __init__(self, stdout: TextIO, stderr: TextIO) -> None:
        self._stdout = stdout
        self.console = _console(stdout)
        self.errors = _console(stderr)
        self._secrets: set[str] = set()

    @property
    def is_terminal(self) -> bool:
        """Whether results go to a terminal, which gets tables and rendered Markdown."""
        return self.console.is_terminal

    @property
    def is_live(self) -> bool:
        """Whether that terminal can be drawn on."""
        return self.console.is_terminal and not self.console.is_dumb_terminal

    def hide(self, secret: str | None) -> None:
        """Never print this text on standard error, whatever a traceback makes of it."""
        if secret:
            self._secrets.add(secret)

    def show(self, result: object) -> None:
        """Print what a command gives back."""
        if isinstance(result, Rows):
            self._show_rows(result)  # pyright: ignore[reportUnknownArgumentType] - any will do
        elif isinstance(result, str):
            self.write(result)
        elif result is not None:
            self.console.print(result, soft_wrap=not self.is_terminal)

    def write(self, text: str) -> None:
        """Print a piece of plain text at once."""
        self._stdout.write(printable(text))
        self._stdout.flush()

    def write_json(self, value: Mapping[str, Any]) -> None:
        """Print one JSON object on a line of its own at once."""
        self._stdout.write(json_line(value) + "\n")
        self._stdout.flush()

    def write_bytes(self, data: bytes) -> None:
        """Print a file: as it is into a pipe; on a terminal if it is text, else it raises CommandError."""
        buffer = getattr(self._stdout, "buffer", None)
        if buffer is not None and not self.is_terminal:
            buffer.write(data)
            buffer.flush()
            return
        try:
            self.write(data.decode())
        except UnicodeDecodeError as error:
            raise usage("the response is no text: name a file for it with --output") from error

    def put(self, path: Path | None, text: str) -> None:
        """Print a text, or write it to a file that appears when it is whole."""
        if path is None:
            return self.write(text)
        with closing(AtomicFile(path)) as file:
            file.write(printable(text).encode())
            file.commit()
        return self.note(f"wrote {path}")

    def page(self, renderable: RenderableType) -> None:
        """Print on the terminal, through a pager if it is longer than that."""
        with self.console.capture() as captured:
            self.console.print(renderable)
        text = captured.get()
        if text.count("\n") < self.console.height or not self.is_live or not _paged(text):
            self._stdout.write(text)
            self._stdout.flush()

    def flush(self) -> None:
        """Find out now whether all of it could be written."""
        self._stdout.flush()

    def note(self, text: str) -> None:
        """Tell whoever sits at the terminal something that is no part of the result."""
        if self.errors.is_terminal:
            self.errors.print(text, style="dim", soft_wrap=True)

    def waiting(self, text: str) -> AbstractContextManager[object]:
        """Show that something takes its time, to whoever sits at the terminal."""
        if not self.errors.is_terminal or self.errors.is_dumb_terminal:
            return nullcontext()
        return self.errors.status(Text(text))

    def fail(self, error: BaseException, *, debug: bool = False) -> None:
        """Say on standard error what went wrong: in one line, and with ``debug`` all there is."""
        if debug and not isinstance(error, KeyboardInterrupt):
            self._complain("".join(traceback.format_exception(error)))
        self._complain(f"gpo: {line_of(error)}\n")

    def warn(self, text: str) -> None:
        """Say on standard error what is odd, in one line."""
        self._complain(f"gpo: {one_line(text)}\n")

    def log(self, line: str) -> None:
        """Print a line of the log on standard error."""
        self._complain(f"{line}\n")

    def _complain(self, text: str) -> None:
        for secret in self._secrets:
            text = text.replace(secret, SHOWN)
        with suppress(OSError, ValueError):  # there is nowhere left to say it
            self.errors.file.write(printable(text))
            self.errors.file.flush()

    def _show_rows(self, rows: Rows[Any]) -> None:
        if rows.form == "text" and self.is_terminal and rows.output is None:
            if rows.items or rows.facts:
                self.page(rows.table(self.console.width))
        elif rows.output is not None:
            self.put(rows.output, "".join(f"{line}\n" for line in rows.lines()))
        else:
            for line in rows.lines():
                self.write(f"{line}\n")
        if rows.note and rows.form == "text":
            self.note(rows.note)


def standard_screen() -> Screen:
    """Return the screen of this process."""
    return Screen(_usable(sys.stdout, _Closed()), _usable(sys.stderr, _Closed()))


def settle(stream: TextIO | None) -> None:
    """Write what is left in a stream, or let it go nowhere: the interpreter must not fail at it once more."""
    try:
        if stream is not None:
            stream.flush()
    except (OSError, ValueError):
        abandon(stream)


def abandon(stream: TextIO | None) -> None:
    """Let what is left in a stream whose reader has gone go nowhere, also when the interpreter flushes it."""
    with suppress(OSError, ValueError, AttributeError, io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[union-attr]


def _paged(text: str) -> bool:
    """Show a text in the pager that the environment names, ``less`` if none; False when there is none."""
    named = os.environ.get("GPO_PAGER", os.environ.get("PAGER", "less"))
    words = shlex.split(named)
    if not words or words == ["cat"] or shutil.which(words[0]) is None:
        return False
    # As git does it: no less than a screen is paged, colours are shown, and what was read stays on the screen.
    environment = {"LESS": "FRX", **os.environ}
    # Whoever reads may have seen enough before the end: subprocess does not mind.
    subprocess.run(words, input=text.encode(), env=environment, check=False)  # noqa: S603  # nosec B603
    return True


class _Closed(io.StringIO):
    """A standard stream that whoever started the process has closed: what is written is not to be had."""

    def write(self, _text: str, /) -> int:
        raise OSError(EBADF, "standard output is closed")


def _usable(stream: TextIO | None, otherwise: TextIO) -> TextIO:
    if stream is None:
        return otherwise
    if reconfigure := getattr(stream, "reconfigure", None):
        reconfigure(errors="replace")  # an encoding that cannot show “ or é is no reason to fail
    return stream


def _console(stream: TextIO) -> SafeConsole:
    return SafeConsole(
        file=stream, force_terminal=stream.isatty(), markup=False, emoji=False, highlight=False, legacy_windows=False
    )
