"""Code in a text: between backticks within a line, and all of it, fenced blocks included."""

from __future__ import annotations

import re

from gpo_client.markdown.fences import FenceTracker, Kind, Piece, Runs

_PART = re.compile(r"`+|\\|\r\n?|\n|[^`\\\r\n]+")
_WITHIN = re.compile(r"[^`\\\r\n]+")


class InlineCodeTracker:
    """Tell code between backticks from the text around it. Sans-I/O; nothing is held back.

    As in CommonMark 0.31 (section 6.1), code is opened by a run of backticks and closed by the next run of the same
    length, a backslash before a backtick makes it an ordinary character, and no code reaches beyond its paragraph. One
    thing differs, because it would mean waiting for the end of the paragraph: a run that is never closed opens code up
    to there.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin a new paragraph."""
        self._open = 0  # the length of the run that opened the code we are in
        self._run = 0  # the length of the run we are in
        self._escaped = False
        self._blank = True  # whether the line has been blank so far
        self._returned = False

    def feed(self, text: str) -> list[tuple[bool, str]]:
        """All of ``text`` in pieces, each with whether it is code; backticks belong to the code."""
        pieces: Runs[bool] = Runs()
        for part in _PART.findall(text):
            if part[0] == "`":
                self._backticks(part, pieces)
            else:
                pieces.add(self.feed_plain(part), part)
        return pieces.merged()

    def feed_plain(self, part: str) -> bool:
        """Take in a part without backticks: a line's end, a backslash or neither. Returns whether it is code."""
        if self._run:
            self._end_run()
        self._other(part)
        return self._open > 0

    def _backticks(self, part: str, pieces: Runs[bool]) -> None:
        self._blank = self._returned = False
        if self._escaped:
            self._escaped = False
            pieces.add(False, "`")
            part = part[1:]
        if part:
            self._run += len(part)
            pieces.add(True, part)

    def _end_run(self) -> None:
        if not self._open:
            self._open = self._run
        elif self._open == self._run:
            self._open = 0
        self._run = 0

    def _other(self, part: str) -> None:
        if part[0] in "\r\n":
            self._line_end(part)
            return
        self._returned = False
        self._escaped = part == "\\" and not self._open and not self._escaped
        self._blank = self._blank and not part.strip(" \t")

    def _line_end(self, part: str) -> None:
        self._escaped = False
        is_second_half = part == "\n" and self._returned
        self._returned = part == "\r"
        if not is_second_half:
            if self._blank:
                self._open = 0
            self._blank = True


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
        if self._fences.is_within_line and _WITHIN.fullmatch(text):  # as nearly all pieces of an answer are
            return [(self._inline.feed_plain(text), text)]
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
