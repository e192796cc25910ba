"""Fenced code blocks, found while the text is still arriving."""

from __future__ import annotations

import re
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

from gpo_client.markdown.fence_line import LINE_END, Fence, FenceCheck, FenceLine

# The rest of a line, with all lines that follow it and cannot be fences. An atomic group, since CPython before 3.11.5
# matches possessive quantifiers wrongly (gh-106052).
_PLAIN_LINES = re.compile(r"(?>[^\r\n]*(?:(?>\r\n|[\r\n])(?=[^ `~])[^\r\n]*)*)")


class Kind(Enum):
    """Kinds of pieces of Markdown."""

    TEXT = "text"
    CODE = "code"
    OPENING = "opening fence"
    CLOSING = "closing fence"
    MARKUP = "other markup of a code block"


class Piece(NamedTuple):
    """A piece of Markdown: all pieces joined are the text. ``info`` is what an opening fence says of its block."""

    kind: Kind
    text: str
    info: str = ""


class FenceTracker:
    r"""Tell fenced code blocks from the text around them, by the rules of CommonMark 0.31 (section 4.5). Sans-I/O.

    Fences are made of backticks or of tildes, may be indented by up to three spaces, and are closed by a fence of the
    same character that is at least as long, or by the end of the text. Fences inside of quotations (``>``) are not
    looked for; those of list items are found when they are indented by up to three spaces. A line longer than
    ``MAX_FENCE_LINE`` is no fence.

    Held back is the line that may still be a fence and nothing else.

    >>> tracker = FenceTracker()
    >>> [piece.kind.value for part in ("So:\n``", "`py\nx = 1", "\n```\n") for piece in tracker.feed(part)]
    ['text', 'opening fence', 'code', 'code', 'closing fence']
    """

    def __init__(self) -> None:
        self._fence: Fence | None = None
        self._line: FenceLine | None = FenceLine(None)
        # The kind of the line that a carriage return ended: a line feed that follows belongs to it.
        self._returned: Kind | None = None

    def feed(self, text: str) -> list[Piece]:
        """Return the pieces that are certain now."""
        pieces: Runs[Kind] = Runs()
        infos: list[str] = []
        position = 0
        while position < len(text):
            if self._returned and text[position] == "\n":
                pieces.add(self._returned, "\n")
                position += 1
            self._returned = None
            if position < len(text):
                position = self._advance(text, position, pieces, infos)
        return _with_infos(pieces, infos)

    def close(self) -> list[Piece]:
        """Return the rest. A block that is still open ends here: its closing fence is empty."""
        pieces: Runs[Kind] = Runs()
        infos: list[str] = []
        if self._line is not None:
            self._line.close()
            self._settle(self._line, "", 0, pieces, infos)
        if self._fence is not None:
            pieces.add(Kind.CLOSING, "")
            self._fence = None
        return _with_infos(pieces, infos)

    @property
    def _plain(self) -> Kind:
        return Kind.TEXT if self._fence is None else Kind.CODE

    def _advance(self, text: str, position: int, pieces: Runs[Kind], infos: list[str]) -> int:
        if self._line is None:
            return self._plain_lines(text, position, pieces)
        end = self._line.feed(text, position)
        return end if self._line.check is FenceCheck.OPEN else self._settle(self._line, text, end, pieces, infos)

    def _plain_lines(self, text: str, position: int, pieces: Runs[Kind]) -> int:
        plain = _PLAIN_LINES.match(text, position)
        end = plain.end() if plain else position
        if line_end := LINE_END.match(text, end):
            end = line_end.end()
            self._begin_line(line_end.group(), self._plain)
        pieces.add(self._plain, text[position:end])
        return end

    def _begin_line(self, line_end: str, kind: Kind) -> None:
        self._line = FenceLine(self._fence)
        self._returned = kind if line_end == "\r" else None

    def _settle(self, line: FenceLine, text: str, position: int, pieces: Runs[Kind], infos: list[str]) -> int:
        """Hand out a line that is judged. Returns where to go on in ``text``."""
        self._line = None
        held = line.held
        if line.check is FenceCheck.PLAIN:
            return self._plain_line(line, text, position, pieces)
        if self._fence is None:
            self._fence = line.fence
            pieces.add(Kind.OPENING, held)
            infos.append(self._fence.info)
        else:
            self._fence = None
            pieces.add(Kind.CLOSING, held)
        self._begin_line("\r" if held.endswith("\r") else "", Kind.MARKUP)
        return position

    def _plain_line(self, line: FenceLine, text: str, position: int, pieces: Runs[Kind]) -> int:
        # The code of an indented block is indented with it, which is no part of the code.
        surplus = min(line.indent, self._fence.indent) if self._fence else 0
        held = line.held
        missing = max(surplus - len(held), 0)
        if surplus:
            pieces.add(Kind.MARKUP, held[:surplus] + text[position : position + missing])
        if len(held) > surplus:
            pieces.add(self._plain, held[surplus:])
        return position + missing


def _with_infos(pieces: Runs[Kind], infos: list[str]) -> list[Piece]:
    found = iter(infos)
    return [Piece(kind, text, next(found) if kind is Kind.OPENING else "") for kind, text in pieces.merged()]


K = TypeVar("K")


class Runs(Generic[K]):
    """Gather pieces of text by kind, in linear time.

    >>> runs: Runs[bool] = Runs()
    >>> for kind, text in ((True, "a"), (True, "b"), (False, "c")):
    ...     runs.add(kind, text)
    >>> runs.merged()
    [(True, 'ab'), (False, 'c')]
    """

    def __init__(self) -> None:
        self._runs: list[tuple[K, list[str]]] = []

    def add(self, kind: K, text: str) -> None:
        """Append a piece."""
        if self._runs and self._runs[-1][0] == kind:
            self._runs[-1][1].append(text)
        else:
            self._runs.append((kind, [text]))

    def merged(self) -> list[tuple[K, str]]:
        """Return the pieces, neighbours of one kind joined."""
        return [(kind, "".join(parts)) for kind, parts in self._runs]
