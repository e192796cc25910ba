"""Text gathered piece by piece, within a bound."""

from __future__ import annotations

from typing import Literal

#: Which end of a text to keep when it grows over its bound.
Keep = Literal["head", "tail"]

# Pieces are joined in blocks of this many: a short string takes fifty bytes besides its text, so a million of them
# would take far more than the text itself.
_BLOCK = 512


class BoundedText:
    """Gather text in linear time and, given ``max_chars``, in bounded memory.

    Args:
        max_chars: How many characters to keep; None for all.
        keep: The end to keep: ``"head"`` (the beginning) or ``"tail"``.

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
        if self._max_chars is not None and self._size + len(piece) > self._max_chars:
            self._add_over_bound(piece, self._max_chars)
        else:
            self._append(piece)

    @property
    def value(self) -> str:
        """The text kept."""
        text = "".join((*self._blocks, *self._pieces))
        if self._keep == "tail" and self._max_chars is not None:
            return _last(text, self._max_chars)
        return text

    def _append(self, piece: str) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        if len(self._pieces) >= _BLOCK:
            self._blocks.append("".join(self._pieces))
            self._pieces.clear()

    def _add_over_bound(self, piece: str, limit: int) -> None:
        self.truncated = True
        # Nothing is appended when nothing is kept: an endless text must not become an endless list of empty pieces.
        if kept := piece[: limit - self._size] if self._keep == "head" else _last(piece, limit):
            self._append(kept)
        # Cut only at twice the bound, so that each character is copied a bounded number of times.
        if self._size > 2 * limit:
            self._blocks = [self.value]
            self._pieces.clear()
            self._size = len(self._blocks[0])


def _last(text: str, count: int) -> str:
    return text[max(len(text) - count, 0) :]
