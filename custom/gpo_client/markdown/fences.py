"""Fenced code blocks, found while the text is still arriving."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Generic, NamedTuple, TypeVar

import attrs

#: The longest line that is taken for a fence, without its line end. CommonMark sets no limit; a stream needs one, as
#: the line is held until its end is seen.
MAX_FENCE_LINE = 1000

#: The ends of lines in Markdown. A carriage return at the end of a portion may be the first half of one.
LINE_END = re.compile(r"\r\n?|\n")

_MIN_LENGTH = 3
_MAX_INDENT = 3
_SPACES = re.compile(" *")
_RUNS = {"`": re.compile("`*"), "~": re.compile("~*")}


@attrs.frozen
class Fence:
    """An opening code fence: its character, its length, the spaces before it, and what is written after it."""

    character: str
    length: int
    indent: int
    info: str


class FenceCheck(Enum):
    """The state of knowledge about a line."""

    OPEN = auto()
    FENCE = auto()
    PLAIN = auto()


class FenceLine:
    """Judge the beginning of a line as it comes: is it a fence (CommonMark 0.31, section 4.5)?

    Without an ``opening``, the fence that it would close, it would open one.
    """

    def __init__(self, opening: Fence | None) -> None:
        self._opening = opening
        self._characters = opening.character if opening else "`~"
        self._parts: list[str] = []
        self._size = 0
        self._character = ""
        self._length = 0
        self._info: list[str] | None = None
        #: How many spaces the line begins with.
        self.indent = 0
        self.check = FenceCheck.OPEN

    @property
    def held(self) -> str:
        """The part of the line that earlier portions brought."""
        return "".join(self._parts)

    @property
    def fence(self) -> Fence:
        """The fence that the line is, once the check says so."""
        return Fence(self._character, self._length, self.indent, "".join(self._info or ()).strip())

    def feed(self, text: str, start: int) -> int:
        """Read on at ``start``. Returns where the line ends in ``text``, its line end included.

        When the check is that the line is no fence, nothing of ``text`` has been taken.
        """
        end = self._read(text, start)
        self._size += end - start
        if self._size > MAX_FENCE_LINE:
            self.check = FenceCheck.PLAIN
        if self.check is FenceCheck.PLAIN:
            return start
        self._parts.append(text[start:end])
        if found := LINE_END.match(text, end):
            self.check = FenceCheck.FENCE
            self._parts.append(found.group())
            return found.end()
        return end

    def close(self) -> None:
        """End the line, as the text ends here."""
        is_fence = self._character and self._length >= self._min_length
        self.check = FenceCheck.FENCE if is_fence else FenceCheck.PLAIN

    @property
    def _min_length(self) -> int:
        return self._opening.length if self._opening else _MIN_LENGTH

    def _read(self, text: str, position: int) -> int:
        if not self._character:
            position = self._read_indent(text, position)
        if self._character and self._info is None:
            position = self._read_run(text, position)
        if self._info is not None and self.check is FenceCheck.OPEN:
            position = self._read_info(text, position)
        return position

    def _read_indent(self, text: str, position: int) -> int:
        end = _end(_SPACES, text, position)
        self.indent += end - position
        if self.indent > _MAX_INDENT:
            self.check = FenceCheck.PLAIN
        elif end < len(text):
            if text[end] in self._characters:
                self._character = text[end]
            else:
                self.check = FenceCheck.PLAIN
        return end

    def _read_run(self, text: str, position: int) -> int:
        end = _end(_RUNS[self._character], text, position)
        self._length += end - position
        if end < len(text):
            if self._length < self._min_length:
                self.check = FenceCheck.PLAIN
            else:
                self._info = []
        return end

    def _read_info(self, text: str, position: int) -> int:
        found = LINE_END.search(text, position)
        end = found.start() if found else len(text)
        info = text[position:end]
        if self._is_spoilt_by(info):
            self.check = FenceCheck.PLAIN
        elif self._info is not None:
            self._info.append(info)
        return end

    def _is_spoilt_by(self, info: str) -> bool:
        if self._opening:
            return bool(info.strip(" \t"))
        # Otherwise ``` a ``` on a line of its own, which is code within a text, would open a block.
        return self._character == "`" and "`" in info


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position


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
    def is_within_line(self) -> bool:
        """Whether what comes next goes on a line that is text."""
        return self._line is None and self._fence is None

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
