"""Bounds of what is kept of an answer: its text and metadata, and how many bytes values stand for."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from operator import attrgetter
from typing import Any, Literal

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


_fields_of = attrgetter(*(field.name for field in attrs.fields(CitationSource)))


def source_bytes(source: CitationSource) -> int:
    """About how many bytes a source takes."""
    return json_bytes(_fields_of(source))


class Budget:
    """How many bytes may still be kept; None: any number.

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


#: Which end of a text to keep when it grows over its bound.
Keep = Literal["head", "tail"]

# Pieces are joined in blocks of this many: a short string takes fifty bytes besides its text, so a million of them
# would take far more than the text itself.
_BLOCK = 512


class BoundedText:
    """Gather text in linear time and, given ``max_chars``, in bounded memory: its ``"head"`` or its ``"tail"``.

    >>> text = BoundedText(max_chars=4, keep="tail")
    >>> for piece in ("Mexico ", "taxes"):
    ...     text.add(piece)
    >>> text.value, text.truncated
    ('axes', True)
    """

    __slots__ = ("_blocks", "_keep", "_max_chars", "_pieces", "_size", "truncated")

    def __init__(self, max_chars: int | None = None, keep: Keep = "head") -> None:
        self._max_chars = max_chars
        self._keep: Keep = keep
        self._blocks: list[str] = []
        self._pieces: list[str] = []
        self._size = 0
        #: Whether text was dropped.
        self.truncated = False

    def add(self, piece: str) -> None:
        """Append ``piece``, and drop what is over the bound."""
        if len(self._pieces) >= _BLOCK:
            self._blocks.append("".join(self._pieces))
            self._pieces.clear()
        if self._max_chars is not None and self._size + len(piece) > self._max_chars:
            piece = self._within_bound(piece, self._max_chars)
        # An endless text must not become an endless list of empty pieces.
        if piece:
            self._pieces.append(piece)
            self._size += len(piece)

    @property
    def value(self) -> str:
        """The text kept."""
        text = "".join((*self._blocks, *self._pieces))
        if self._keep == "tail" and self._max_chars is not None:
            return _last(text, self._max_chars)
        return text

    def _within_bound(self, piece: str, limit: int) -> str:
        """Return what is kept of a piece that goes over the bound."""
        self.truncated = True
        if self._keep == "head":
            return piece[: limit - self._size]
        piece = _last(piece, limit)
        # Cut only at twice the bound, so that each character is copied a bounded number of times.
        if self._size + len(piece) > 2 * limit:
            self._blocks = [self.value]
            self._pieces.clear()
            self._size = len(self._blocks[0])
        return piece


def _last(text: str, count: int) -> str:
    return text[max(len(text) - count, 0) :]


class MetadataCollector:
    """Merge metadata, later values winning, within a budget of bytes and a number of members (None: any).

    >>> metadata = MetadataCollector()
    >>> metadata.add({"model_used": "x", "message_id": "m"})
    >>> metadata.add({"model_used": "y"})
    >>> metadata.values
    {'model_used': 'y', 'message_id': 'm'}
    """

    __slots__ = ("_budget", "_most", "_sizes", "truncated", "values")

    def __init__(self, budget: Budget | None = None, most: int | None = None) -> None:
        self._budget = budget or Budget()
        self._most = inf if most is None else most
        self._sizes: dict[str, int] = {}
        #: What has been said so far.
        self.values: dict[str, Any] = {}
        #: Whether something was left out.
        self.truncated = False

    def add(self, metadata: Mapping[str, Any]) -> None:
        """Merge the metadata of a chunk."""
        for name, value in metadata.items():
            size = json_bytes((name, value))
            has_place = name in self._sizes or len(self._sizes) < self._most
            if has_place and self._budget.take(size - self._sizes.get(name, 0)):
                self._sizes[name] = size
                self.values[name] = value
            else:
                self.truncated = True
