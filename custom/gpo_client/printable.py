"""Text from elsewhere, made fit for terminals and logs.

What a service sends is not to be trusted with a terminal: an escape sequence in an answer could clear the screen,
retitle the window or put words on the clipboard, and characters that turn the direction of writing could hide what a
line says. In a log, a line end would begin an entry that nobody has made. Of such text only what can be seen is let
through.
"""

from __future__ import annotations

import re

#: C0 but tab and line feed, DEL and C1 (ECMA-48), and the controls of the bidirectional algorithm (UAX #9); as the
#: inside of a regular expression's brackets.
CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
#: Halves of surrogate pairs, which JSON can spell and no encoding can write.
HALVES = r"\ud800-\udfff"

_UNSAFE = re.compile(f"[{CONTROLS}]")
_HALVES = re.compile(f"[{HALVES}]")


def printable(text: str) -> str:
    r"""Return the text without what a terminal would obey instead of showing it.

    >>> printable("taxes\x1b[2J in\tMexico\n")
    'taxes[2J in\tMexico\n'
    """
    return _HALVES.sub("\ufffd", _UNSAFE.sub("", text))


def one_line(text: str) -> str:
    r"""Return the text in a single line: for cells of tables, and for errors.

    >>> one_line("a\r\n b\tc")
    'a b c'
    """
    return printable(" ".join(text.split()))
