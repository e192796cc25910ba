"""Text cut at its lines: into these, or into text and code."""

from __future__ import annotations

import re
from typing import Literal

import attrs

from gpo_client.markdown import FenceTracker, Kind, Piece
from gpo_client.text.transforms.machine import Machine, Splitter, check_size


@attrs.frozen(kw_only=True)
class Segment:
    """A piece of text or of a code block.

    Attributes:
        kind: ``"text"`` or ``"code"``.
        text: The piece; code without its fences and without the indentation of its block. Empty in a segment that only
            says that a block begins or ends.
        language: The first word after the opening fence, such as ``"python"``; None in text, and when there is none.
        info: Everything after the opening fence; None as for the language.
        starts: Whether it is the first segment of a code block.
        ends: Whether it is the last segment of a code block.
    """

    kind: Literal["text", "code"]
    text: str
    language: str | None = None
    info: str | None = None
    starts: bool = False
    ends: bool = False


def code_blocks() -> Splitter[Segment]:
    r"""Cut a Markdown text into text and fenced code, by the rules of CommonMark 0.31 (section 4.5).

    Fences are three or more backticks or tildes, indented by three spaces at most; the closing one is of the same
    character, at least as long, and stands alone. A block that is not closed ends with the text. Code is handed out as
    it arrives, without waiting for the closing fence: the segments of one block are those from ``starts`` to ``ends``.
    Code between backticks within a line, blocks that are only indented, and fences inside of quotations stay text.

    Held back is a line that may still be a fence, up to 1,000 characters; a longer line is no fence.

    >>> blocks = code_blocks()
    >>> segments = [*blocks.feed("So:\n``"), *blocks.feed("`python\nx = 1\n``"), *blocks.feed("`\n"), *blocks.close()]
    >>> for segment in segments:
    ...     print(segment.kind, repr(segment.text), segment.language, segment.starts, segment.ends)
    text 'So:\n' None False False
    code 'x = 1\n' python True False
    code '' python False True
    """
    return _CodeBlocks()


class _CodeBlocks(Machine[list[Segment]]):
    def __init__(self) -> None:
        self._fences = FenceTracker()
        self._info = ""
        self._starts = False

    def _take(self, text: str) -> list[Segment]:
        return self._segments(self._fences.feed(text))

    def _finish(self) -> list[Segment]:
        return self._segments(self._fences.close())

    def _segments(self, pieces: list[Piece]) -> list[Segment]:
        segments: list[Segment] = []
        for piece in pieces:
            if piece.kind is Kind.TEXT:
                segments.append(Segment(kind="text", text=piece.text))
            elif piece.kind is Kind.CODE:
                segments.append(self._code(piece.text))
            elif piece.kind is Kind.OPENING:
                self._starts, self._info = True, piece.info
            elif piece.kind is Kind.CLOSING:
                self._end(segments)
        # That a block has begun is said even before its first line.
        return [*segments, self._code("")] if self._starts else segments

    def _code(self, text: str) -> Segment:
        starts, self._starts = self._starts, False
        words = self._info.split()
        language, info = (words[0], self._info) if words else (None, None)
        return Segment(kind="code", text=text, language=language, info=info, starts=starts)

    def _end(self, segments: list[Segment]) -> None:
        last = segments.pop() if segments and segments[-1].kind == "code" and not self._starts else self._code("")
        segments.append(attrs.evolve(last, ends=True))


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
        self._parts.append(part[position:])
        self._size += len(part) - position

    def _whole(self) -> str:
        line = "".join(self._parts)
        self._parts.clear()
        self._size = 0
        return line
