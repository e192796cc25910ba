"""Texts made fit for people: what of one from elsewhere may be shown, and which name was meant by a misspelt one.

What a service sends is not to be trusted with a terminal: an escape sequence in an answer could clear the screen,
retitle the window or put words on the clipboard, and characters that turn the direction of writing could hide what a
line says. In a log, a line end would begin an entry that nobody has made. Of such text only what can be seen is let
through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

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


# What makes spreadsheets compute a cell; a ' before it makes it text again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def no_formula(text: str) -> str:
    """Return a text for a cell of a file that spreadsheets open: nobody's text becomes a formula there.

    >>> no_formula("=1+1"), no_formula("taxes")
    ("'=1+1", 'taxes')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


# More names than these say nothing to somebody who looks for one.
_MOST_NAMES = 30


def suggestion(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like ``name``, whatever its case and its separators; None when none is.

    >>> suggestion("qeury", ["query", "use_openai"])
    'query'
    >>> suggestion("useOpenai", ["query", "use_openai"])
    'use_openai'
    """
    import difflib  # for mistakes, not for importing the package

    by_letters = {_letters(each): each for each in known}
    close = difflib.get_close_matches(_letters(name), by_letters, n=1)
    return by_letters[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str], what: str, quote: str = "") -> str:
    """Return the end of a sentence about an unknown name: the known one that was probably meant, else all of them.

    ``what`` they are is said in the plural, such as ``"settings"``.

    >>> did_you_mean("colour", ["query", "use_openai"], "fields")
    '; the fields are query, use_openai'
    """
    names = list(known)
    if (meant := suggestion(name, names)) is not None:
        return f"; did you mean {quote}{meant}{quote}?"
    shown = ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
    return f"; the {what} are {shown}" if names else ""


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
