"""Secrets in texts: what is masked of each spelling, and that it is that alone."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable

import pytest

from gpo_client.models.spellings import without_secrets

_SECRET = "t0k3n>>>>>?????~~~~~1x"
_DATA = _SECRET.encode()
_LONG = "0123456789abcdefghijk"
#: What stands for nothing: no character has that number, or it is one that nobody sees.
_NOTHING = ["&#1114112;", "&#0;", "%00", "&#1;", "&#x200b;", "\\u200b", "\\\\x01", "\\n", "\u00ad", "%250A", "\x01\x02"]

# References of HTML, with zeros before the number and a capital X too; escapes of JSON, Python and addresses.
_SPELLINGS = ["&#%d;", "&#x%x;", "&#X%06X;", "&#%09d;", "\\u%04x", "\\\\\\u%04X", "\\x%02x", "%%%02x", "%%2525%02X"]


def _percent(text: str) -> str:
    return "".join(f"%{ord(character):02X}" for character in text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"a{_SECRET}b {_SECRET}{_SECRET}, {_SECRET}", "a#b ##, #"),
        *((f"%41{_SECRET[:4]}{nothing}{_SECRET[4:]}%42", "%41#%42") for nothing in _NOTHING),
        *((f"{nothing}a{_percent(_SECRET)}b{nothing}", f"{nothing}a#b{nothing}") for nothing in _NOTHING),
        *(("a{}b".format("".join(spell % ord(each) for each in _SECRET)), "a#b") for spell in _SPELLINGS),
        (_percent(_SECRET) * 2 + f" {_percent(_SECRET)}", "## #"),
        (f"a{_DATA.hex()}b {_DATA.hex().upper()}", "a#b #"),
        (f"{_SECRET[:-1]} {_SECRET[1:]} {_percent(_SECRET[:-1])} {_DATA.hex()[:-1]}", None),
    ],
)
def test_all_of_a_secret_and_nothing_else(text: str, expected: str | None) -> None:
    """From its first character to its last, each time; None: there is none."""
    assert without_secrets(text, [_SECRET], "#") == (text if expected is None else expected)


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize(("before", "kept"), [(b"", 0), (b"u", 2), (b"us", 3), (b"use", 4), (b"user:", 7)])
@pytest.mark.parametrize("after", [b"", b"a", b"ab"])
def test_base64(encode: Callable[[bytes], bytes], before: bytes, kept: int, after: bytes) -> None:
    """In both alphabets, from the first character on that tells of it; of what is not all there nothing is masked."""
    text = encode(before + _DATA + after).decode()
    assert {"+", "/"} <= {*b64encode(_DATA).decode()}
    assert without_secrets(f"a {text} b", [_SECRET], "#") == f"a {text[:kept]}# b"
    cut_off = encode(before + _DATA[:-1]).decode()
    assert without_secrets(f"a {cut_off} b", [_SECRET], "#") == f"a {cut_off} b"


@pytest.mark.parametrize("spell", [str, _percent, lambda text: text.encode().hex()])
@pytest.mark.parametrize(("length", "is_masked"), [(11, False), (12, True), (20, True)])
def test_a_text_that_may_be_cut(spell: Callable[[str], str], length: int, is_masked: bool) -> None:
    """Of a secret twelve characters tell; only where texts may be cut."""
    text = f"a {spell(_LONG[:length])}…"
    assert without_secrets(text, [_LONG, "x" * 40], "#", may_be_cut=True) == ("a #…" if is_masked else text)
    assert without_secrets(text, [_LONG, "x" * 40], "#") == text


@pytest.mark.parametrize(("length", "is_masked"), [(15, False), (16, True), (24, True)])
def test_base64_that_may_be_cut(length: int, is_masked: bool) -> None:
    """Likewise: they are sixteen there."""
    text = f"a {b64encode(_LONG.encode()).decode()[:length]}…"
    assert without_secrets(text, [_LONG], "#", may_be_cut=True) == ("a #…" if is_masked else text)
    assert without_secrets(text, [_LONG], "#") == text


@pytest.mark.parametrize("secret", ['"a"b"', "a\\b\\", "añb~", "\ud800ab-cde"])
def test_json(secret: str) -> None:
    """As JSON writes it, and JSON in JSON; half of a surrogate pair is as good a character as any."""
    assert without_secrets(f"a {json.dumps(secret)} b", [secret], "#") == 'a "#" b'
    assert without_secrets(f"a {json.dumps(json.dumps(secret))} b", [secret], "#") == r'a "\"#\"" b'


@pytest.mark.parametrize(("secret", "is_masked"), [("s3cr3", False), ("s3cr3t", True)])
def test_short_secrets(secret: str, is_masked: bool) -> None:
    """Are looked for as they are; encoded, their few characters could be anything."""
    assert without_secrets(f"a {secret} b", [secret, ""], "#") == "a # b"
    for encoded in (b64encode(secret.encode()).decode(), secret.encode().hex()):
        assert without_secrets(f"a {encoded} b", [secret], "#") == ("a # b" if is_masked else f"a {encoded} b")


def test_no_secrets() -> None:
    """Nothing is masked, nor written in another way."""
    for text in ("", "a %41 &#65; \\u0041", *_NOTHING):
        assert without_secrets(text, []) == without_secrets(text, [""]) == text
    assert without_secrets("a b-c d", ["b-c"]) == "a ********** d"
