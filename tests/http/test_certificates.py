"""Certificates in words, whoever has made them."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.http.tls import described


def _der(kind: int, *parts: bytes) -> bytes:
    """An element in DER (X.690)."""
    data = b"".join(parts)
    digits = (len(data).bit_length() + 7) // 8
    size = bytes([len(data)]) if len(data) < 0x80 else bytes([0x80 + digits]) + len(data).to_bytes(digits)
    return bytes([kind]) + size + data


def _name(*parts: tuple[str, bytes]) -> bytes:
    kinds = {"C": b"\x55\x04\x06", "CN": b"\x55\x04\x03", "O": b"\x55\x04\x0a", "OU": b"\x55\x04\x0b"}
    return _der(0x30, *(_der(0x31, _der(0x30, _der(6, kinds[kind]), _der(12, text))) for kind, text in parts))


_BEGINS, _ENDS = _der(0x17, b"500101000000Z"), _der(0x17, b"491231235959Z")


def _certificate(
    subject: bytes = _name(("CN", b"a")),
    issuer: bytes = _name(("CN", b"b")),
    validity: tuple[bytes, ...] = (_BEGINS, _ENDS),
    version: bytes = _der(0xA0, b"\x02\x01\x02"),
) -> bytes:
    serial, algorithm = _der(2, b"\x01"), _der(0x30, b"\x06\x01\x01")
    signed = _der(0x30, version, serial, algorithm, issuer, _der(0x30, *validity), subject, _der(0x30), _der(0xA3))
    return _der(0x30, signed, algorithm, _der(3, b"\0"))


_VALID = "valid from 1950-01-01 to 2049-12-31"


@pytest.mark.parametrize(
    ("certificate", "told"),
    [
        (_certificate(), f"of CN=a, issued by CN=b, {_VALID}"),
        (_certificate(version=b""), f"of CN=a, issued by CN=b, {_VALID}"),
        (_certificate(_name()), f"of nobody, issued by CN=b, {_VALID}"),
        (_certificate(_name(("C", b"DE"))), f"of nobody, issued by CN=b, {_VALID}"),
        (
            _certificate(_name(("C", b"DE"), ("O", b"x"), ("OU", "ä".encode()), ("CN", b"\xff"))),
            f"of O=x, OU=ä, CN=�, issued by CN=b, {_VALID}",
        ),
        (_certificate(b"\x30\x80"), f"of nobody, issued by CN=b, {_VALID}"),
        (_certificate(_name(("CN", b"x" * 0x80))), f"of CN={'x' * 0x80}, issued by CN=b, {_VALID}"),
        (_certificate(_name(("CN", b"x" * 70_000))), f"of CN={'x' * 70_000}, issued by CN=b, {_VALID}"),
        (
            _certificate(validity=(_der(0x18, b"20260102030405Z"), _der(0x18, b"20500102030405Z"))),
            "of CN=a, issued by CN=b, valid from 2026-01-02 to 2050-01-02",
        ),
    ],
    ids=range(9),
)
def test_in_words(certificate: bytes, told: str) -> None:
    """Whose it is, who has issued it, and when it is valid: names that people know, years of two centuries."""
    assert described(certificate) == f"the certificate is {told}"


def test_a_real_one() -> None:
    """As a library writes it."""
    authority, when = trustme.CA(organization_name="Example"), datetime(2026, 1, 2, tzinfo=UTC)
    made = authority.issue_cert("gpo.example.com", common_name="gpo.example.com", not_before=when, not_after=when)
    told = described(ssl.PEM_cert_to_DER_cert(made.cert_chain_pems[0].bytes().decode()))
    assert "CN=gpo.example.com, issued by O=Example, " in told
    assert told.endswith("valid from 2026-01-02 to 2026-01-02")


_WHOLE = _certificate()
_ODD = [
    b"", b"0", b"\x30\x00", _WHOLE[:-1], _WHOLE + b"\0", _WHOLE + _WHOLE, _der(0x30, _der(0x30)),
    _certificate(_der(0x30, _der(0x31, _der(0x30, _der(6, b"\x55\x04\x03"))))),
    _certificate(validity=()), _certificate(validity=(_BEGINS,)), _certificate(validity=(_BEGINS, _ENDS, _ENDS)),
    _certificate(validity=(_der(0x17, b"5001"), _ENDS)),
    _certificate(validity=(_der(0x17, b"50010\xff000000Z"), _ENDS)),
]  # fmt: skip


@pytest.mark.parametrize("certificate", _ODD, ids=range(len(_ODD)))
def test_what_cannot_be_read(certificate: bytes) -> None:
    """Whoever serves it has made it: nothing is said of it, and nothing fails."""
    assert described(certificate) == ""


@given(st.integers(0, len(_WHOLE) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_damaged_ones(at: int, put: bytes, cut: int) -> None:
    """Something is said of it, or nothing."""
    assert isinstance(described(_WHOLE[:at] + put + _WHOLE[at + cut :]), str)
