"""A program in a terminal of its own: a pseudo-terminal, and an emulator that knows what its screen shows."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import pyte

from tests.support import warm

# Longer than anything takes on a busy machine; only a test that fails waits for it.
_PATIENCE_S = 60.0

# The program gets the terminal as its controlling one, so that Ctrl-C reaches it, and reacts to it even if whoever runs
# the tests ignores interruptions.
_LAUNCHER = (
    "import fcntl, os, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    " signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
)

#: The command line in a process of its own, which no warning passes.
GPO = (sys.executable, "-W", "error", "-m", "gpo_client.cli")
CTRL_C, CTRL_D, ENTER, ESCAPE, UP = b"\x03", b"\x04", b"\r", b"\x1b", b"\x1b[A"


class _Emulator(pyte.HistoryScreen):  # type: ignore[misc, unused-ignore]
    """A screen that answers when it is asked where the cursor is, as terminals do."""

    def __init__(self, columns: int, lines: int, answer: Callable[[bytes], object]) -> None:
        self._answer = answer
        super().__init__(columns, lines, history=10_000, ratio=0.5)

    def write_process_input(self, data: str) -> None:
        self._answer(data.encode())


def _started(command: Sequence[str], terminal: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    launched = [sys.executable, "-c", _LAUNCHER, *command]
    return subprocess.Popen(
        launched, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True, env=environment
    )


class Terminal:
    """A terminal with a program in it; a context manager that leaves neither behind.

    Args:
        command: The program and its arguments; ``gpo`` is forked off a process that has imported it already.
        columns: The width.
        lines: The height.
        environment: Variables besides those of this process.
    """

    def __init__(self, *command: str, columns: int = 80, lines: int = 24, **environment: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._screen: Any = _Emulator(columns, lines, self.send)
        self._stream = pyte.ByteStream(self._screen)
        self._columns = columns
        #: All that the program has written.
        self.raw = b""
        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        variables = {**kept, "TERM": "xterm-256color", "PYTHONUTF8": "1", "GPO_PAGER": "cat", **environment}
        self._process = (
            warm.start(command[1:], slave, variables) if command[0] == "gpo" else _started(command, slave, variables)
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def send(self, data: bytes) -> None:
        """Press keys."""
        os.write(self._master, data)

    def wait_for(self, text: str, count: int = 1) -> str:
        """Read until the terminal shows a text, ``count`` times; what it shows then."""
        deadline = time.monotonic() + _PATIENCE_S
        while (shown := self.text).count(text) < count:
            assert time.monotonic() < deadline, f"{text!r} does not show up:\n{shown}"
            assert self._read(), f"the program ended before {text!r}:\n{shown}"
        return shown

    def wait(self) -> int:
        """Read until the program ends; its exit code."""
        deadline = time.monotonic() + _PATIENCE_S
        while self._read():
            assert time.monotonic() < deadline, f"the program does not end:\n{self.text}"
        return self._process.wait(timeout=_PATIENCE_S)

    @property
    def text(self) -> str:
        """All lines from the first one that scrolled away to the last one on the screen, without trailing blanks."""
        above = ["".join(line[x].data for x in range(self._columns)) for line in self._screen.history.top]
        return "\n".join(line.rstrip() for line in [*above, *self._screen.display]).rstrip()

    @property
    def cursor_is_visible(self) -> bool:
        """Whether the program has left the cursor on, or switched it on again."""
        return not self._screen.cursor.hidden

    def _read(self) -> bool:
        """Take in what the program writes; False when it has ended."""
        if not select.select([self._master], [], [], 0.2)[0]:
            return True
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # EIO: nobody holds the other end any more
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)


def in_terminal(*arguments: str, base_url: str, **how: Any) -> Terminal:
    """A terminal in which gpo runs."""
    return Terminal("gpo", *arguments, GPO_API_BASE_URL=base_url, **how)
