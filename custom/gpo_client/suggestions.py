"""The name that was probably meant, for whoever misspelt one."""

from __future__ import annotations

from collections.abc import Iterable

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
    """Return the end of a sentence about an unknown name: the one that was probably meant, else all that there are.

    Args:
        name: What was written.
        known: What there is.
        what: What these are, in the plural, such as ``"settings"``.
        quote: What to put around the name that was meant.

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
