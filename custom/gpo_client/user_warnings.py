"""Warnings that point at the line of the user's program that they are about."""

from __future__ import annotations

import warnings

_OURS = __name__.partition(".")[0]


def warn_user(message: str, category: type[Warning]) -> None:
    """Warn of something in the program that uses this library.

    Args:
        message: What, and the remedy.
        category: One of ours, so that users can filter it.
    """
    import inspect  # not for importing the package

    ours, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _OURS:
        ours, frame = ours + 1, frame.f_back
    warnings.warn(message, category, stacklevel=ours + 1)


def warn_deprecated(what: str, instead: str, *, removed_in: str) -> None:
    """Warn of a name, a parameter or a setting that is going away. `make release` refuses the version that it was for.

    Args:
        what: What was used, as the user wrote it.
        instead: What to write now.
        removed_in: The version without it, such as ``"0.4.0"``; the warning says so.
    """
    warn_user(f"{what} is deprecated and goes away in {removed_in}; use {instead}", DeprecationWarning)
