"""An answer, taken apart as its bytes come (RFC 9112), by llhttp."""

from __future__ import annotations

import re
import sys
from typing import Any, NamedTuple

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpResponseParser

from gpo_client.http import errors

#: How many bytes a head may have, those of interim answers before it included; and trailers, and extensions of chunks.
MAX_HEAD = 65536
_BODILESS = frozenset({204, 304})
_LONG_HEAD = f"the head of its answer is longer than {MAX_HEAD} bytes"
_LONG_FRAMING = f"what is between the pieces of its body is longer than {MAX_HEAD} bytes"
_TAIL = 5
_CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_LINE_ENDS = frozenset(b"\r\n")
_NOT_CHUNKED = "Transfer-Encoding is not chunked alone"
_BLANK_FIRST = "an empty line comes before its status line"
_NO_UPGRADE = "it switches to another protocol unasked"


class Head(NamedTuple):
    """The head of an answer."""

    status: int
    fields: tuple[tuple[str, str], ...]  # the header fields as they came, names in lower case
    version: str = "1.1"  # the version of HTTP, such as ``"1.1"``

    @property
    def headers(self) -> dict[str, str]:
        """The fields by name; several of one name are one list (RFC 9110 §5.3)."""
        headers: dict[str, str] = {}
        for name, value in self.fields:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return headers


class ResponseReader:
    """The answer to one request.

    Bytes are fed as they come, ``b""`` when the connection has ended. What comes after the end of the answer is never
    part of it: ``is_reusable`` says whether the connection is fit for another. The answer to ``HEAD`` has no body, and
    to ``CONNECT`` none that is HTTP.
    """

    def __init__(self, method: str = "GET") -> None:
        self._method = method
        self._parser: Any = HttpResponseParser(self)  # the circle is broken by close()
        self._fields: list[tuple[str, str]] = []
        self._pieces: list[bytes] = []
        self._error: errors.HttpError | None = None
        self._keeps_alive = False
        self._until_end = False  # the body ends with the connection
        self._idle_bytes = 0  # since the answer last made progress
        self._head_bytes = 0
        self._tail = b""  # the last bytes fed
        self._is_chunked = False
        self._is_interim = False
        self._is_head_taken = False
        self._has_surplus = False
        #: The head, once it has come.
        self.head: Head | None = None
        #: Whether the answer has come to its end.
        self.is_complete = False
        #: Whether anything has come at all.
        self.has_begun = False
        #: Whether all that has come of the body has been taken, and there is more to it.
        self.is_drained = False

    @property
    def is_reusable(self) -> bool:
        """Whether the connection can carry another exchange: all has been taken, and nothing came after it."""
        is_clean = self._keeps_alive and not self._has_surplus and self._error is None
        return is_clean and self.is_complete and not self._pieces

    @property
    def is_wanting(self) -> bool:
        """Whether the answer may still come to its end, and to a good one."""
        return self.head is not None and self._error is None and self._keeps_alive and not self._has_surplus

    @property
    def has_news(self) -> bool:
        """Whether there is something to take: the head, then pieces of the body, the end, or an error."""
        if not self._is_head_taken:
            return self.head is not None or self._error is not None
        return bool(self._pieces) or self.is_complete or self._error is not None

    def feed(self, data: bytes) -> None:
        """Take what a read has brought. What a signal's handler raised meanwhile is raised as it was."""
        self.is_drained = False
        if not data:
            return self._end()
        if not self.has_begun and data[0] in _LINE_ENDS:  # llhttp passes it over; nobody sends it who is in step
            self._refuse(_BLANK_FIRST)
        self.has_begun = True
        if self.is_complete or self._error is not None:
            self._has_surplus = True
            return None
        pieces, interrupted = self._pieces, None
        before = len(pieces)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self._refuse(_NO_UPGRADE)
        except HttpParserCallbackError as error:
            interrupted = error
        except HttpParserError as error:
            self._refuse(str(error), error)
        if interrupted is not None:
            raise _raised(interrupted) from None
        if self.is_complete:
            self._has_surplus = self._has_surplus or not self._ends(data, pieces[-1] if len(pieces) > before else b"")
        elif len(pieces) == before:
            self._count(len(data))
        else:
            self._idle_bytes = 0
        self._tail = data[-_TAIL:] if len(data) >= _TAIL else (self._tail + data)[-_TAIL:]
        return None

    def take_head(self) -> Head:
        """Return the head, once ``has_news``; raises ``HttpError`` if there is none."""
        if self.head is None:
            raise self._error or errors.ConnectionCut("there is no head")
        self._is_head_taken = True
        return self.head

    def take(self) -> bytes | None:
        """Return the bytes of the body at hand, once ``has_news``; ``b""`` at its end.

        Raises HttpError if it broke off, once what came before has been taken.
        """
        pieces = self._pieces
        if pieces:
            data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            pieces.clear()
            self.is_drained = not self.is_complete and self._error is None
            return data
        if self._error is not None:
            raise self._error
        return b"" if self.is_complete else None

    def close(self) -> None:
        """Nobody wants more of it."""
        self._parser = None

    # What llhttp calls; the names are its own.

    def on_message_begin(self) -> None:
        """Note that a response begins: the first, one after an interim one, or one that nobody asked for."""
        self._has_surplus = self._has_surplus or self.is_complete

    def on_status(self, reason: bytes) -> None:
        """Check a reason phrase, or a part of one."""
        if _CONTROLS.search(reason):
            self._refuse("its status line has control characters")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field, or one of a trailer, which nobody here reads."""
        if self.head is None and not self.is_complete:
            # llhttp looks at the very bytes: of "chunked" and a tab it makes a body that ends with the connection.
            if name.lower() == b"transfer-encoding" and value.lower() != b"chunked":
                self._refuse(_NOT_CHUNKED)
            self._head_bytes += len(name) + len(value)
            if self._head_bytes > MAX_HEAD:
                self._refuse(_LONG_HEAD)
            self._fields.append((sys.intern(name.decode("latin-1").lower()), _text(value)))

    def on_headers_complete(self) -> None:
        """Judge a head that is whole."""
        if self.is_complete or self._error is not None:
            return
        status, version = self._parser.get_status_code(), self._parser.get_http_version()
        self._is_interim = 100 <= status < 200
        if self._is_interim:
            self._fields.clear()
            if status == 101:
                self._refuse(_NO_UPGRADE)
            return
        head = Head(status, tuple(self._fields), version)
        if (fault := self._frame(head)) is not None:
            self._refuse(fault)
        else:
            self.head = head

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        if self.is_complete:
            self._has_surplus = True
        elif self._error is None:
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        """Note that the response is over, or an interim one."""
        if not self._is_interim:
            self.is_complete = True

    def _frame(self, head: Head) -> str | None:
        """Find out how the answer ends; what is wrong with that, if anything."""
        headers = head.headers
        coding, length = headers.get("transfer-encoding"), headers.get("content-length")
        if head.version not in ("1.0", "1.1") or head.status < 200:
            return f"HTTP/{head.version} with status {head.status}"
        if coding is not None and (length is not None or coding.lower() != "chunked"):
            return _NOT_CHUNKED
        options = {option.strip().lower() for option in headers.get("connection", "").split(",")}
        self._is_chunked = coding is not None
        self._keeps_alive = head.version == "1.1" and "close" not in options
        if self._method == "HEAD" or (self._method == "CONNECT" and head.status < 300):
            self.is_complete = True
            self._keeps_alive = self._keeps_alive and self._method == "CONNECT"
        elif coding is None and length is None and head.status not in _BODILESS:
            self._until_end, self._keeps_alive = True, False
        return None

    def _ends(self, data: bytes, body: bytes) -> bool:
        """Whether the answer is over just where the bytes are: llhttp passes over line ends that follow it.

        ``body`` is the last piece of the body that is in them.
        """
        if body and not self._is_chunked:
            return data == body or (data.endswith(body) and not _LINE_ENDS.issuperset(body))
        tail = (self._tail + data[-_TAIL:])[-_TAIL:]
        # The line before the empty one, be it of a head, a chunk or a trailer, has something in it.
        return tail.endswith(b"\r\n\r\n") and tail[0] not in _LINE_ENDS

    def _count(self, idle: int) -> None:
        self._idle_bytes += idle
        if self._idle_bytes > MAX_HEAD:
            self._refuse(_LONG_HEAD if self.head is None else _LONG_FRAMING)

    def _end(self) -> None:
        self._keeps_alive = False
        if self.is_complete or self._error is not None:
            return
        if self._until_end:
            self.is_complete = True
        elif self.head is not None:
            self._error = errors.ConnectionCut("the connection was closed in the middle of the answer")
        else:
            self._error = errors.ConnectionCut("the connection was closed before the head of the answer")

    def _refuse(self, reason: str, cause: Exception | None = None) -> None:
        if self.is_complete:
            self._has_surplus = True
        elif self._error is None:
            self._error = errors.ProtocolViolation(reason)
            self._error.__cause__ = cause


def _raised(error: HttpParserCallbackError) -> BaseException:
    """Return what was raised in a callback: nothing that came over the wire did that, but a signal's handler.

    httptools keeps it as the context of its own error, where Python puts what the caller is handling, if anything: of
    what is hidden so is known only that it was raised, and most are Ctrl-C.
    """
    raised = error.__context__
    return KeyboardInterrupt() if raised is None or raised is sys.exc_info()[1] else raised


def _text(value: bytes) -> str:
    """Return a header's value as text: most are ASCII, the rest is what servers write (RFC 9110 §5.5)."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    return text.strip(" \t")  # and not of what else is space to Python
