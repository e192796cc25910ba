"""Checks of what transforms are made with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gpo_client.exceptions import InvalidArgumentError


def check_size(field: str, value: object) -> int:
    """``value`` if it is a number of characters, 1 or more.

    Raises:
        InvalidArgumentError: It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidArgumentError(f"{field} must be a number of characters, 1 or more, not {value!r}", field=field)
    return value


def check_text(field: str, value: object) -> str:
    """``value`` if it is a text.

    Raises:
        InvalidArgumentError: It is none.
    """
    if not isinstance(value, str):
        raise InvalidArgumentError(f"{field} must be a text, not {value!r}", field=field)
    return value


def check_list(field: str, value: object, of: str) -> list[Any]:
    """Return the items of ``value`` if it is an iterable of some, and no text.

    Raises:
        InvalidArgumentError: It is something else, or has no items.
    """
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise InvalidArgumentError(f"{field} must be a list of {of}, not {value!r}", field=field)
    items: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if not items:
        raise InvalidArgumentError(f"{field} is empty: name one at least, or leave the transform out", field=field)
    return items
