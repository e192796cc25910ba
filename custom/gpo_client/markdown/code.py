"""All code of a text: fenced blocks, and code within lines."""

from __future__ import annotations

from gpo_client.markdown.fences import FenceTracker, Kind, Piece
from gpo_client.markdown.inline import InlineCodeTracker
from gpo_client.markdown.runs import Runs


class CodeTracker:
    """Tell code of both kinds, with its markup, from the rest of a text. Sans-I/O.

    Held back is a line that may still be a fence and nothing else.

    >>> CodeTracker().feed("Call `tax()` first.")
    [(False, 'Call '), (True, '`tax()`'), (False, ' first.')]
    """

    def __init__(self) -> None:
        self._fences = FenceTracker()
        self._inline = InlineCodeTracker()

    def feed(self, text: str) -> list[tuple[bool, str]]:
        """Return the pieces that are certain now, each with whether it is code or its markup."""
        return self._pieces(self._fences.feed(text))

    def close(self) -> list[tuple[bool, str]]:
        """Return the rest."""
        return self._pieces(self._fences.close())

    def _pieces(self, pieces: list[Piece]) -> list[tuple[bool, str]]:
        found: Runs[bool] = Runs()
        for kind, text, _ in pieces:
            if kind is Kind.TEXT:
                for is_code, part in self._inline.feed(text):
                    found.add(is_code, part)
            else:
                self._inline.reset()
                found.add(True, text)
        return found.merged()
