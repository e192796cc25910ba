"""HTTP responses: the fields of their heads that count, and their bodies, decompressed and bounded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count, takewhile
from urllib.parse import unquote_to_bytes

from gpo_client.flows.deadlines import Deadline
from gpo_client.flows.effects import Failure, FailureKind, Flow, Opened, Pause, Read
from gpo_client.models.problem import Problem
from gpo_client.sse.compression import Inflater, inflater

# Names of files have up to 255 bytes, each of which takes three characters here. Beyond this nothing is looked at.
_LONGEST_FIELD = 8 * 1024

# RFC 8187 §3.2.1 knows these besides ASCII; any other would make a server choose which of Python's codecs runs.
_CHARSETS = {"utf-8": "utf-8", "iso-8859-1": "latin-1"}

# A piece of a name that is spread over several parameters (RFC 2231 §3), such as ``filename*1*``.
_PIECE = re.compile(r"filename\*([0-9]{1,2})(\*?)")

# A fraction is none of the RFC's, but several services send one, and what they mean is plain.
_SECONDS = re.compile(r"([0-9]+)(\.[0-9]+)?")

_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
# Two tokens (RFC 9110 §8.3.1), wherever the field goes on.
_MEDIA_TYPE = re.compile(r"""[\s"']*([\w!#$%&*+.^`|~-]+/[\w!#$%&*+.^`|~-]+)""", re.ASCII)
# Visible ASCII, as ours are.
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,200}")


def given_name(content_disposition: str) -> str:
    r"""Return the name in the field as it is given there; ``""`` when there is none.

    Of several forms the one that can say most counts: ``filename*`` (RFC 8187), else the pieces of RFC 2231, else
    ``filename``. A form that cannot be read is passed over. It is read once, from left to right.

    >>> given_name("attachment; filename=\"resume.pdf\"; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf")
    'résumé.pdf'
    """
    given: dict[str, str] = {}
    for name, value in _parameters(content_disposition[:_LONGEST_FIELD]):
        given.setdefault(name, value)
    return _extended(given.get("filename*", "")) or _joined(given) or given.get("filename", "")


def _parameters(field: str) -> Iterator[tuple[str, str]]:
    """Return the parameters, their names in lower case, quotes taken away (RFC 9110 §5.6.6)."""
    for part in _parts(field):
        name, equals, value = part.partition("=")
        if equals:
            yield name.strip().lower(), value.strip()


def _parts(field: str) -> Iterator[str]:
    part: list[str] = []
    is_quoted = is_escaped = False
    for character in field:
        if is_escaped:
            # Of quoted pairs, those that need be: others are the folders of a file's path on Windows.
            part.append(character if character in '"\\' else "\\" + character)
            is_escaped = False
        elif character == "\\" and is_quoted:
            is_escaped = True
        elif character == '"':
            is_quoted = not is_quoted
        elif character == ";" and not is_quoted:
            yield "".join(part)
            part = []
        else:
            part.append(character)
    yield "".join(part)


def _extended(value: str) -> str:
    """Return what a value of the form ``charset'language'text`` says; ``""`` when it cannot be read."""
    charset, _, rest = value.partition("'")
    return _decoded(charset, unquote_to_bytes(rest.partition("'")[2]))


def _joined(given: dict[str, str]) -> str:
    """Return the name in pieces, as far as there is none missing."""
    pieces = {int(found[1]): (found[2], given[name]) for name in given if (found := _PIECE.fullmatch(name))}
    charset, whole = "utf-8", b""
    for number in takewhile(pieces.__contains__, count()):
        is_extended, text = pieces[number]
        if is_extended and number == 0:  # which has the charset of all
            charset, _, text = text.partition("'")
            text = text.partition("'")[2]
        whole += unquote_to_bytes(text) if is_extended else text.encode("utf-8", "replace")
    return _decoded(charset, whole)


def _decoded(charset: str, data: bytes) -> str:
    codec = _CHARSETS.get(charset.strip().lower(), "ascii")  # which most others are the same as
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return ""


def parse_retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds the server asks to wait; None when it does not say, or says it in a way that nobody knows.

    ``now`` counts an HTTP date when the response has no ``Date`` of its own, which would be free of the two clocks'
    difference. Without both, no date can be counted.

    >>> parse_retry_after({"retry-after": "120"}), parse_retry_after({"retry-after": "1.5"})
    (120.0, 1.5)
    >>> parse_retry_after({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", "date": "Sun, 06 Nov 1994 08:49:07 GMT"})
    30.0
    """
    value = headers.get("retry-after", "").strip()
    if seconds := _SECONDS.fullmatch(value):
        return float(seconds[1][:9] + (seconds[2] or "")[:9])  # more digits are for ever as well
    when, start = _date(value), _date(headers.get("date", "")) or now
    if when is None or start is None:
        return None
    return max((when - start).total_seconds(), 0.0)


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # the latter for a time zone of astronomical size
        return None
    # "-0000" leaves the time zone out; HTTP dates are UTC by definition.
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def media_type(head: Opened) -> str:
    """Return the media type of the body, without parameters, in lower case; ``""`` when the server did not say."""
    # Not split at the semicolon alone: there are servers that forget it, that send the field twice, and that quote.
    found = _MEDIA_TYPE.match(head.headers.get("content-type", ""))
    return found[1].lower() if found else ""


def charset(head: Opened) -> str | None:
    """Return the charset that the media type of the body names; None when it names none."""
    found = _CHARSET.search(head.headers.get("content-type", ""))
    return found[1] if found else None


def request_id(head: Opened, problem: Problem | None = None) -> str | None:
    """Return the id under which the server's operators find the request."""
    return _usable(head.headers.get("x-request-id")) or _usable(problem.request_id if problem else None)


def _usable(given: str | None) -> str | None:
    """Return an id that a server sent, if it can be printed and logged as it is."""
    return given if given and _REQUEST_ID.fullmatch(given) else None


# So much is decompressed without a pause for others, if no read has been one.
_BYTES_A_TURN = 64 * 1024


class Body:
    """The body of an open response. Raises ValueError if it is encoded in a way that was not asked for."""

    def __init__(self, head: Opened) -> None:
        self._inflater = inflater(head.headers.get("content-encoding", ""))
        #: Whether the bytes on the wire are the body itself, so that there is nothing to decompress.
        self.is_plain = self._inflater is None
        self._since_pause = 0

    def read(self, timeout: float | None) -> Flow[bytes | Failure | None]:
        """Read the next bytes, in portions of bounded size; ``b""`` at the end; None when nothing can be told yet.

        Raises InflationError if the compressed bytes grow as no honest ones do, and ValueError if they are damaged.
        """
        if (machine := self._inflater) is None:
            return (yield from Read(timeout))
        if self._since_pause >= _BYTES_A_TURN:
            self._since_pause = 0
            yield from Pause()
        if (portion := self._take(machine)) != b"":
            return portion
        # One read at a time: whoever reads has deadlines to look after, and compressed nothings may come for ever.
        data = yield from Read(timeout)
        if isinstance(data, Failure):
            return data
        if not data:
            return b"" if machine.finished else Failure(FailureKind.CUT)
        machine.feed(data)
        return self._take(machine) or None

    def _take(self, machine: Inflater) -> bytes | None:
        portion = machine.take()
        self._since_pause += _BYTES_A_TURN if portion is None else len(portion)
        return portion


class TooLong:
    """A body went over its limit."""


def read_whole(
    body: Body, limit: int, deadline: Deadline, on_bytes: Callable[[int], None] | None = None
) -> Flow[bytes | Failure | TooLong]:
    """Return the whole body, if it has no more than ``limit`` bytes and is there before ``deadline``.

    ``on_bytes`` is called with the number of bytes so far, each time that there are more.
    """
    whole = bytearray()
    while len(whole) <= limit:
        if deadline.expired:
            return Failure(FailureKind.TIMEOUT)
        data = yield from body.read(deadline.remaining)
        if isinstance(data, Failure):
            return data
        if data == b"":
            return bytes(whole)
        whole += data or b""
        if data and on_bytes is not None:
            on_bytes(len(whole))
    return TooLong()
