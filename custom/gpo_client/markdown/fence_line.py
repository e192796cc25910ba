"""A line that may turn out to be a code fence."""

from __future__ import annotations

import re
from enum import Enum, auto

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

    Args:
        opening: The fence that the line would close; None when it would open one.
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
