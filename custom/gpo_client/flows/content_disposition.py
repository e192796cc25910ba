"""The ``Content-Disposition`` header field (RFC 6266): the name that a server gives a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

# Names of files have up to 255 bytes, each of which takes three characters here. Beyond this nothing is looked at.
_LONGEST = 8 * 1024

# RFC 8187 §3.2.1 knows these; any other would make a server choose which of Python's codecs runs.
_CHARSETS = {"utf-8": "utf-8", "us-ascii": "ascii", "iso-8859-1": "latin-1"}

# A piece of a name that is spread over several parameters (RFC 2231 §3), such as ``filename*1*``.
_PIECE = re.compile(r"filename\*([0-9]{1,2})(\*?)")


def given_name(content_disposition: str) -> str:
    r"""Return the name in the field as it is given there; ``""`` when there is none.

    Of several forms the one that can say most counts: ``filename*`` (RFC 8187), else the pieces of RFC 2231, else
    ``filename``. A form that cannot be read is passed over. It is read once, from left to right.

    Args:
        content_disposition: The value of the field.

    >>> given_name("attachment; filename=\"resume.pdf\"; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf")
    'résumé.pdf'
    """
    given: dict[str, str] = {}
    for name, value in _parameters(content_disposition[:_LONGEST]):
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
    charset, quote, rest = value.partition("'")
    _, second, text = rest.partition("'")
    return _decoded(charset, unquote_to_bytes(text)) if quote and second else ""


def _joined(given: dict[str, str]) -> str:
    """Return the name in pieces."""
    pieces = {int(found[1]): (found[2], given[name]) for name in given if (found := _PIECE.fullmatch(name))}
    if 0 not in pieces:
        return ""
    charset, _, first = pieces[0][1].partition("'") if pieces[0][0] else ("utf-8", "", pieces[0][1])
    if pieces[0][0]:
        pieces[0] = ("*", first.partition("'")[2])
    whole = b""
    for number in range(len(pieces)):
        is_extended, text = pieces.get(number, ("", ""))
        whole += unquote_to_bytes(text) if is_extended else text.encode("utf-8", "replace")
    return _decoded(charset, whole)


def _decoded(charset: str, data: bytes) -> str:
    codec = _CHARSETS.get(charset.strip().lower(), "ascii")  # which most others are the same as
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return ""
