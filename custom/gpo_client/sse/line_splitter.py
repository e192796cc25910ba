"""Bytes to lines, by the line rules of the WHATWG event-stream format."""

from __future__ import annotations

_BOM = b"\xef\xbb\xbf"


class LineSplitter:
    r"""Cut a byte stream into lines at LF, CR or CRLF, wherever the reads happen to break it.

    One byte order mark at the very beginning of the stream is dropped.

    A line is handed out on the byte that ends it: on the CR of a CRLF pair, whose LF is then skipped, in the next
    read if need be. Other characters that Unicode calls line ends (VT, FF, NEL, U+2028 …) are ordinary bytes here.
    Each byte is looked at once, so the time grows with the input alone, however long a line and small the reads.

    >>> splitter = LineSplitter()
    >>> splitter.feed(b"one\r")
    [b'one']
    >>> splitter.feed(b"\ntwo\nthr")
    [b'two']
    >>> splitter.close()
    b'thr'
    """

    __slots__ = ("_after_cr", "_head", "_rest")

    def __init__(self) -> None:
        self._head: bytes | None = b""  # None once we know whether the stream began with a byte order mark
        self._rest = bytearray()
        self._after_cr = False

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished line are held."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that ``data`` completes, without their ends.

        Args:
            data: The next bytes of the stream, in any portion.
        """
        if self._head is not None:
            data = self._without_bom(data, self._head)
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if not data:
            return []
        self._after_cr = data.endswith(b"\r")
        # Of bytes, unlike str, splitlines() cuts at LF, CR and CRLF only.
        lines = data.splitlines()
        rest = b"" if self._after_cr or data.endswith(b"\n") else lines.pop()
        if lines and self._rest:
            lines[0] = self.close() + lines[0]
        self._rest += rest
        return lines

    def close(self) -> bytes:
        """Return the unfinished last line: what came after the last line end."""
        rest = bytes(self._rest)
        self._rest.clear()
        return rest

    def _without_bom(self, data: bytes, head: bytes) -> bytes:
        """Strip the mark, even if it arrives byte by byte."""
        data = head + data
        is_open = len(data) < len(_BOM) and _BOM.startswith(data)
        self._head = data if is_open else None
        return b"" if is_open else data.removeprefix(_BOM)
