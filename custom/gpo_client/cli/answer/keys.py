"""Keys pressed while something is drawn."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager


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
