"""Bounds of JSON documents that are cheap to send and dear to read, checked before anything is decoded."""

from __future__ import annotations

from itertools import accumulate

#: Most of what costs time and memory is values, not bytes: ``[],`` is a list in three. A document may have one for so
#: many bytes of its size limit, and any small number.
BYTES_A_VALUE = 128
_FEW_VALUES = 20_000

_MOST_LEVELS = 1000
_BEGINNING = 64 * 1024
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in _STEPS)


def most_values(size_limit: int) -> int:
    """How many values a document may have.

    Args:
        size_limit: How many bytes it may have.
    """
    return max(_FEW_VALUES, size_limit // BYTES_A_VALUE)


def has_too_many_values(data: bytes, size_limit: int) -> bool:
    """Whether a document has more values than one of this size limit may have. What stands in texts does not count.

    >>> has_too_many_values(b"[" + b"0," * 50_000 + b"0]", 30_000 * BYTES_A_VALUE)
    True
    >>> has_too_many_values(b'["' + b"0," * 50_000 + b'"]', 30_000 * BYTES_A_VALUE)
    False
    """
    most = most_values(size_limit)
    return len(data) > most and _values(data) > most and _values(_outside_texts(data, most)) > most


def is_beyond_depth(data: bytes) -> bool:
    """Whether a document begins with more levels than any stack has.

    >>> is_beyond_depth(b"[" * 2000), is_beyond_depth(b"[]," * 2000)
    (True, False)
    """
    brackets = data[:_BEGINNING].translate(None, _NO_BRACKETS)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > _MOST_LEVELS


def _values(data: bytes) -> int:
    return data.count(b",") + data.count(b"[") + data.count(b"{")


def _outside_texts(data: bytes, most: int) -> bytes:
    """Return a document without its texts; as it is, if there are more than ``most`` members with a name and a text."""
    bare = data.replace(rb"\\", b"").replace(rb"\"", b"")
    return data if bare.count(b'"') > 4 * (most + 1) else b"".join(bare.split(b'"')[::2])
