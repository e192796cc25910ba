"""JSON as servers write it: read where RFC 8259 is only nearly kept, bounded where it costs far more than its bytes."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain
from typing import Any, TypeGuard

import msgspec

#: Most of what costs time and memory is values, not bytes: ``[],`` is a list in three. A document may have one for so
#: many bytes of its size limit, and any small number.
BYTES_A_VALUE = 128
_FEW_VALUES = 20_000
# As so many counts a list or an object in an event of a stream. Ten thousand new ones set off Python's collector, which
# walks through all that the process has: no event of an answer has as many, and a page of a list may.
_CONTAINER_IN_EVENT = 8

# How many bytes are looked at and decoded at once, and characters joined: between two portions other threads have their
# turn.
_PORTION = 64 * 1024
_BACKSLASHES = re.compile(rb"\\*")

_MOST_LEVELS = 1000
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in _STEPS)


def most_values(size_limit: int) -> int:
    """Return how many values a document of so many bytes may have."""
    return max(_FEW_VALUES, size_limit // BYTES_A_VALUE)


def has_too_many_values(data: bytes, size_limit: int, *, is_event: bool = False) -> bool:
    """Whether a document has more values than its size limit (bytes) allows. What stands in texts does not count.

    In an event of a stream, a list or an object counts as eight.

    >>> has_too_many_values(b"[" + b"0," * 50_000 + b"0]", 30_000 * BYTES_A_VALUE)
    True
    >>> has_too_many_values(b'["' + b"0," * 50_000 + b'"]', 30_000 * BYTES_A_VALUE)
    False
    """
    container = _CONTAINER_IN_EVENT if is_event else 1
    if len(data) * container <= _FEW_VALUES:
        return False
    most = most_values(size_limit)
    return (
        len(data) * container > most
        and _is_exceeded(most, (_values(portion, container) for portion in _cut_between_escapes(data)))
        and _is_exceeded(most, (_values(portion, container) for portion in _outside_texts(data, most)))
    )


def containers_in(data: bytes) -> int:
    """How many lists and objects a document has at most.

    >>> containers_in(b'{"a": [1, 2]}')
    2
    """
    return data.count(b"[") + data.count(b"{")


def is_beyond_depth(data: bytes) -> bool:
    """Whether a document has more levels than any stack, whatever the program's recursion limit. Brackets in texts do
    not count.

    >>> is_beyond_depth(b"[" * 2000), is_beyond_depth(b"[]," * 2000), is_beyond_depth(b'["' + b"[" * 2000 + b'"]')
    (True, False, False)
    """
    if containers_in(data) <= _MOST_LEVELS:
        return False
    brackets = (portion.translate(None, _NO_BRACKETS) for portion in _outside_texts(data, len(data)))
    return any(level > _MOST_LEVELS for level in accumulate(map(_STEPS.__getitem__, chain.from_iterable(brackets))))


def _is_exceeded(most: int, counts: Iterable[int]) -> bool:
    return any(count > most for count in accumulate(counts))


def _values(data: bytes, container: int) -> int:
    return data.count(b",") + container * containers_in(data)


def _cut_between_escapes(data: bytes) -> Iterator[bytes]:
    """Cut a document where no escape is cut. A copy of all of it would take as long as reading it: new memory does."""
    begin = 0
    while begin < len(data):
        end = begin + _PORTION
        if data[end - 1 : end] == b"\\":
            end = _BACKSLASHES.match(data, end).end() + 1  # type: ignore[union-attr]  # it matches nothing, too
        yield data[begin:end]
        begin = end


def _outside_texts(data: bytes, most: int) -> Iterator[bytes]:
    """Return the portions of a document without its texts, as long as ``most`` members may have as many quotes."""
    quotes = 0
    for portion in _cut_between_escapes(data):
        if quotes > 4 * (most + 1):  # each has a name and a text at most: this is no document, or one of more values
            yield portion
            continue
        parts = portion.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')
        yield b"".join(parts[quotes % 2 :: 2])
        quotes += len(parts) - 1


#: What reading JSON raises.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_NOTHING = object()

_REPLACEMENT_BYTES = 3

# What a server may name as a charset: tables of characters. Other codecs of Python's take quadratic time (punycode), or
# mean something else than text (idna, unicode_escape).
_CHARSETS = re.compile(
    r"ascii|utf-8(-sig)?|utf-(16|32)(-[lb]e)?|iso8859-\d+|cp\d+|koi8-[rut]|mac-\w+|gb2312|gbk|gb18030|big5(hkscs)?|hz"
    r"|shift_jis(_2004|x0213)?|euc_(jp|jis_2004|jisx0213|kr)|iso2022_\w+|johab|tis-620|kz1048|ptcp154"
)


class NoNumber(str):
    """A number that is none: ``NaN``, ``Infinity``, or one too large for any machine, as it was written."""

    __slots__ = ()


def decode_json(data: bytes, charset: str | None = None, *, whole: bool = True) -> Any:
    """Read JSON of which the details may be wrong.

    A byte order mark is skipped (RFC 8259 §8.1 allows that). Text in UTF-16 or UTF-32, or in the charset that the media
    type names, is read; other bytes that are no UTF-8 become U+FFFD, as do halves of surrogate pairs. ``NaN``,
    ``Infinity`` and ``1e400`` are read as :class:`NoNumber`. Of equal names in an object the last one counts. Raises
    msgspec.DecodeError: it is no JSON, or nested too deeply. A charset counts only for what is no Unicode; halves of
    pairs stay unless ``whole``.

    >>> decode_json(b'{"score": 0.9}'), decode_json(b'{"score": NaN}')
    ({'score': 0.9}, {'score': 'NaN'})
    """
    if is_beyond_depth(data):
        raise msgspec.DecodeError("it is nested too deeply")
    try:
        return msgspec.json.decode(data)
    except UNREADABLE as error:
        reason = str(error)
    raw = _decode_tolerantly(data, charset, whole)
    if raw is _NOTHING:
        # Not chained, and raised here: other errors, and their frames, hold the text, which may be a secret.
        raise msgspec.DecodeError(reason)
    return raw


def text_of(data: bytes, charset: str | None = None) -> str:
    """Return the text of a body in whatever encoding it is, without a byte order mark.

    The charset that its media type names counts only for what is no Unicode.
    """
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        pass
    try:
        return text_with_replacements(data, (charset or encoding).strip("\"' "))
    except (LookupError, ValueError):  # nobody's charset, or none that replaces what it does not know
        return text_with_replacements(data, encoding)


def text_with_replacements(data: bytes, charset: str = "utf-8") -> str:
    r"""Return the text of bytes in a charset, what is none of it replaced by U+FFFD.

    Raises LookupError if there is no such charset.

    >>> text_with_replacements(b"a\xffo")
    'a\ufffdo'
    """
    codec = codecs.lookup(charset)
    if _CHARSETS.fullmatch(codec.name) is None:
        raise LookupError(f"{charset} is no charset")
    decoder = codec.incrementaldecoder("replace")
    portions = [decoder.decode(data[start : start + _PORTION]) for start in range(0, len(data), _PORTION)]
    return "".join(portions) + decoder.decode(b"", True)


def size_with_replacements(data: bytes, limit: int) -> int:
    r"""Return how many bytes UTF-8 has once what is none is U+FFFD; what surely is within a limit is not counted.

    >>> size_with_replacements(b"a\xff\xffo", 4), size_with_replacements(b"a\xff\xffo", 100)
    (8, 4)
    """
    if len(data) * _REPLACEMENT_BYTES <= limit or data.isascii():
        return len(data)
    size, decoder = 0, codecs.getincrementaldecoder("utf-8")("replace")
    for start in range(0, len(data), _PORTION):
        size += len(decoder.decode(data[start : start + _PORTION]).encode())
        if size > limit:
            return size
    return size + len(decoder.decode(b"", True).encode())


def whole_text(text: str) -> str:
    r"""Return a text whose surrogates are joined where they make a pair, and U+FFFD where they are alone.

    Put the end of one piece and the beginning of the next together before you ask: a pair may be split over both.

    >>> whole_text("a\ud83d\ude00b\ud83dc") == "a\U0001f600b\ufffdc"
    True
    """
    if text.isascii() or not _has_surrogates(text):
        return text
    return "".join(map(_whole, _portions(text)))


def is_object(raw: object) -> TypeGuard[dict[str, Any]]:
    """Whether decoded JSON is an object."""
    return isinstance(raw, dict)


def is_list(raw: object) -> TypeGuard[list[Any]]:
    """Whether decoded JSON is a list."""
    return isinstance(raw, list)


def _portions(text: str) -> Iterator[str]:
    """Return a text in pieces that cut no pair of surrogates in two."""
    start = 0
    while start < len(text):
        end = start + _PORTION
        end += "\ud800" <= text[end - 1 : end] <= "\udbff" and "\udc00" <= text[end : end + 1] <= "\udfff"
        yield text[start:end]
        start = end


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _has_surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _decode_tolerantly(data: bytes, charset: str | None, whole: bool) -> Any:
    text = text_of(data, charset)
    try:
        raw = _TOLERANT.decode(text)
        return _with_whole_texts(raw) if whole and "\\u" in text else raw
    except (ValueError, RecursionError):
        return _NOTHING


def _float(written: str) -> float | NoNumber:
    number = float(written)
    return number if abs(number) != float("inf") else NoNumber(written)


def _integer(written: str) -> int | NoNumber:
    try:
        return int(written)
    except ValueError:  # Python reads no more than some thousand digits
        return NoNumber(written)


# Not strict: line ends and other control characters stand in texts as they are. To make it takes longer than to use it.
_TOLERANT = json.JSONDecoder(strict=False, parse_constant=NoNumber, parse_float=_float, parse_int=_integer)


def _with_whole_texts(raw: Any) -> Any:
    if isinstance(raw, NoNumber):
        return raw
    if isinstance(raw, str):
        return whole_text(raw)
    if is_list(raw):
        return [_with_whole_texts(item) for item in raw]
    if is_object(raw):
        return {whole_text(name): _with_whole_texts(value) for name, value in raw.items()}
    return raw
