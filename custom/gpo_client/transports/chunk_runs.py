"""Runs of small HTTP chunks (RFC 9112, 7.1), joined before h11 takes them apart.

A server that sends each event in a chunk of its own fills one network read with hundreds of them, and h11 spends more
on each than everything else together. One large chunk says the same as many small ones in a row, so whole chunks that
arrive together are handed on as one. Whatever is unusual is handed on as it came: h11 judges it.
"""

from __future__ import annotations

import re

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})\r\n")
_SIZE_LINE_BEGUN = re.compile(rb"[0-9A-Fa-f]{1,15}\r?")
_LONGEST_LINE = 17


class ChunkRuns:
    """Joins the chunks of one body.

    Args:
        begun: Bytes of the body that h11 has got already.
    """

    def __init__(self, begun: bytes) -> None:
        self._left = 0  # bytes of a chunk that has begun, the line end after its data included
        self._line = b""  # the beginning of a size line
        self._is_over = False  # the last chunk has come, or something that only h11 understands
        self.joined(begun)

    def joined(self, data: bytes) -> bytes:
        """The next bytes of the body, to the same effect in fewer chunks."""
        start = self._skip_begun(data)
        if self._is_over or start == len(data):
            return data
        pieces, end = self._whole_chunks(data, start)
        if len(pieces) < 2:
            return data
        size = sum(map(len, pieces))
        return b"".join((data[:start], b"%x\r\n" % size, *pieces, b"\r\n", data[end:]))

    def _skip_begun(self, data: bytes) -> int:
        """Where the first chunk begins."""
        position = 0
        if self._line and not self._is_over:
            line = self._line + data[:_LONGEST_LINE]
            found = _SIZE_LINE.match(line)
            if found is None:
                self._begin(line)
                return len(data)
            position = found.end() - len(self._line)
            self._open(found)
        skipped = min(self._left, len(data) - position)
        self._left -= skipped
        return position + skipped

    def _whole_chunks(self, data: bytes, position: int) -> tuple[list[bytes], int]:
        """The data of the chunks that are whole, and where they end."""
        pieces: list[bytes] = []
        match, length = _SIZE_LINE.match, len(data)
        while found := match(data, position):
            begin = found.end()
            end = begin + int(found[1], 16)
            if end == begin or data[end : end + 2] != b"\r\n":
                self._open(found)
                self._left -= length - begin
                self._is_over = self._is_over or self._left < 0
                return pieces, position
            pieces.append(data[begin:end])
            position = end + 2
        self._begin(data[position:])
        return pieces, position

    def _open(self, size_line: re.Match[bytes]) -> None:
        """A chunk begins, which is the last when it is empty."""
        size = int(size_line[1], 16)
        self._line, self._left = b"", size + 2
        self._is_over = size == 0

    def _begin(self, line: bytes) -> None:
        """A size line begins, unless it is none that is understood here."""
        self._line = line
        self._is_over = bool(line) and (len(line) >= _LONGEST_LINE or not _SIZE_LINE_BEGUN.fullmatch(line))
