"""Certificates as people read them: whose, by whom, from when to when (RFC 5280 §4.1, in DER: X.690).

Python tells this of certificates that it has verified; those that it has not are what errors are about.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

_UTC_TIME, _VERSION = 0x17, 0xA0
_LONG = 0x80
# The parts of a name that tell people who it is (X.520, in DER).
_PARTS = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O", b"\x55\x04\x0b": "OU"}


def described(certificate: bytes) -> str:
    """Return what a certificate says of itself; empty: it cannot be read.

    Args:
        certificate: In DER.
    """
    try:
        issuer, validity, subject = _read(certificate)
    except (IndexError, ValueError):  # UnicodeError too
        return ""
    begins, ends = (_day(kind, value) for kind, value in _elements(validity))
    return f"the certificate is of {_name(subject)}, issued by {_name(issuer)}, valid from {begins} to {ends}"


def _read(certificate: bytes) -> tuple[bytes, bytes, bytes]:
    ((_, whole),) = _elements(certificate)
    fields = [value for kind, value in _elements(next(_elements(whole))[1]) if kind != _VERSION]
    _, _, issuer, validity, subject = fields[:5]
    return issuer, validity, subject


def _name(name: bytes) -> str:
    parts: list[str] = []
    for _, attributes in _elements(name):
        for _, attribute in _elements(attributes):
            (_, kind), (_, value) = _elements(attribute)
            if kind in _PARTS:
                parts.append(f"{_PARTS[kind]}={value.decode('utf-8', 'replace')}")
    return ", ".join(parts) or "nobody"


def _day(kind: int, value: bytes) -> str:
    # Two digits of a year are of 1950 to 2049, which strptime sees otherwise (RFC 5280 §4.1.2.5.1).
    text = value.decode("ascii")
    if kind == _UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).date().isoformat()


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and contents of each element in turn."""
    at = 0
    while at < len(data):
        kind, size, at = data[at], data[at + 1], at + 2
        if size >= _LONG:
            digits = size - _LONG
            size, at = int.from_bytes(data[at : at + digits]), at + digits
        if at + size > len(data):
            raise ValueError("it is cut off")
        yield kind, data[at : at + size]
        at += size
