"""How much memory values that came as JSON stand for, and a budget for it."""

from __future__ import annotations

from math import inf
from typing import Any

import attrs

from gpo_client.models.stream import CitationSource

# What anything takes besides its text, so that very many empty values count as well.
_LEAST = 8


def text_bytes(text: str) -> int:
    """How many bytes a text takes as UTF-8; lone surrogates count as one.

    >>> text_bytes("tax"), text_bytes("año")
    (3, 4)
    """
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def json_bytes(value: Any) -> int:
    """About how many bytes a JSON value takes, in linear time and however deep it is.

    >>> json_bytes({"page": [1, "two"]})
    47
    """
    size, left = 0, [value]
    while left:
        item = left.pop()
        size += _LEAST
        if isinstance(item, str):
            size += text_bytes(item)
        elif isinstance(item, dict):
            left += [*item, *item.values()]
        elif isinstance(item, (list, tuple)):
            left += item
    return size


def source_bytes(source: CitationSource) -> int:
    """About how many bytes a source takes."""
    return json_bytes(list(attrs.asdict(source, recurse=False).values()))


class Budget:
    """How many bytes may still be kept.

    Args:
        limit: How many in all; None: any number.

    >>> budget = Budget(10)
    >>> budget.take(8), budget.take(8), budget.take(-4), budget.take(6)
    (True, False, True, True)
    """

    __slots__ = ("_left",)

    def __init__(self, limit: int | None = None) -> None:
        self._left = inf if limit is None else limit

    def take(self, size: int) -> bool:
        """Take bytes, or give them back if ``size`` is negative. False, and nothing taken, if there are fewer."""
        if size > self._left:
            return False
        self._left -= size
        return True
