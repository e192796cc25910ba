"""Text cut into lines."""

from __future__ import annotations

import re

from gpo_client.text.transforms.arguments import check_size
from gpo_client.text.transforms.machine import Machine
from gpo_client.text.transforms.protocol import Splitter

_LINE_END = re.compile(r"\r\n?|\n")


def lines(max_chars: int = 65_536) -> Splitter[str]:
    r"""Cut a text into lines, without their ends.

    Lines end with LF, CR or CRLF; other characters that Unicode calls line ends are ordinary ones. A last line without
    an end is handed out at the end of the text. Held back is the line that is not whole yet; one longer than
    ``max_chars`` is handed out in parts of that length.

    Args:
        max_chars: The longest line, in characters. Default: 65,536.

    Raises:
        InvalidArgumentError: ``max_chars`` is less than 1.

    >>> splitter = lines()
    >>> splitter.feed("one\r"), splitter.feed("\ntwo\n\nth"), splitter.feed("ree"), splitter.close()
    (['one'], ['two', ''], [], ['three'])
    """
    return _Lines(check_size("max_chars", max_chars))


class _Lines(Machine[list[str]]):
    def __init__(self, max_chars: int) -> None:
        self._max_chars = max_chars
        self._parts: list[str] = []
        self._size = 0
        self._returned = False  # a carriage return came last, and may be the first half of a line end

    def _take(self, text: str) -> list[str]:
        found: list[str] = []
        if not text:
            return found
        if self._returned:
            text = text.removeprefix("\n")
        start = 0
        for line_end in _LINE_END.finditer(text):
            self._append(text[start : line_end.start()], found)
            found.append(self._whole())
            start = line_end.end()
        self._returned = text.endswith("\r")
        self._append(text[start:], found)
        return found

    def _finish(self) -> list[str]:
        return [self._whole()] if self._size else []

    def _append(self, part: str, found: list[str]) -> None:
        """Add to the line. A full line is handed out when more of it comes: then it is certain that it is too long."""
        position = 0
        while self._size + len(part) - position > self._max_chars:
            end = position + self._max_chars - self._size
            self._parts.append(part[position:end])
            found.append(self._whole())
            position = end
        if position < len(part):
            self._parts.append(part[position:])
            self._size += len(part) - position

    def _whole(self) -> str:
        line = "".join(self._parts)
        self._parts.clear()
        self._size = 0
        return line
