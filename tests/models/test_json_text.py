"""JSON that only nearly is: encodings, byte order marks, numbers that are none, halves of characters."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.models import json_text
from gpo_client.models.json_text import NoNumber, decode_json, text_with_replacements, whole_text

_VALUE = {"name": "Peña 😀", "n": [1, 0.5, None, True]}
_TEXT = json.dumps(_VALUE, ensure_ascii=False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode(encoding: str) -> None:
    """JSON tells by itself which form of Unicode it is in, whatever the media type says."""
    assert decode_json(_TEXT.encode(encoding), "latin-1") == _VALUE


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", '"latin-1"'])
def test_other_charsets(charset: str) -> None:
    """What is no Unicode is in the charset that the media type names."""
    assert decode_json('{"a": "Peña"}'.encode("latin-1"), charset) == {"a": "Peña"}


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "shift_jis", "windows-1252", "koi8-r", "utf-16-le"])
@given(data=st.binary(max_size=60))
def test_portions_change_nothing(charset: str, data: bytes) -> None:
    """Text is decoded in portions, which may end within a character."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "_PORTION", 3)
        assert text_with_replacements(data, charset) == data.decode(charset, "replace")


@given(st.text(st.sampled_from("a\ud83d\ude00é"), max_size=30))
def test_surrogates_are_joined_across_portions(text: str) -> None:
    """Those that make a pair, wherever a portion ends."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "_PORTION", 3)
        assert whole_text(text) == text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@pytest.mark.parametrize(
    "codec", ["idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "rot13", "base64"]
)
def test_codecs_that_are_no_charsets(codec: str) -> None:
    """Some take quadratic time: none of them is run, whatever a server names."""
    with pytest.raises(LookupError):
        text_with_replacements(b"a", codec)


@pytest.mark.parametrize(
    "charset", [None, "nobodys", "hex", "idna", "punycode", "unicode_escape", "undefined", "utf-8"]
)
def test_no_charset(charset: str | None) -> None:
    """Bytes that are no text are replaced (WHATWG), and cost nothing else."""
    assert decode_json(b'{"a": "Pe\xf1a", "b": 1}', charset) == {"a": "Pe\ufffda", "b": 1}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1E999", "9" * 5000 + ".5e9999"])
def test_numbers_that_are_none(number: str) -> None:
    """They keep what was written, and are no numbers."""
    found = decode_json(f'{{"a": [{number}], "b": 1}}'.encode())
    assert found == {"a": [number], "b": 1}
    assert type(found["a"][0]) is NoNumber


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'"hi \ud83d bye"', "hi \ufffd bye"),
        (r'"\ude00"', "\ufffd"),
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'{"\ud83d": ["\ud83d"]}', {"\ufffd": ["\ufffd"]}),
        ('"line\nend\t"', "line\nend\t"),
        ('{"a": 1, "a": 2}', {"a": 2}),
    ],
)
def test_texts(written: str, read: Any) -> None:
    """Halves of characters are replaced where they are alone; control characters stand as they are."""
    assert decode_json(written.encode()) == read


@pytest.mark.parametrize("body", [b"", b"{", b"[1,]", b"<html>", b"{} {}", b"\xef\xbb\xbf", b"\xff\xfe", b"nan"])
def test_no_json(body: bytes) -> None:
    """What is no JSON is refused, by one exception."""
    with pytest.raises(msgspec.DecodeError):
        decode_json(body)


_HALVES = st.text(st.sampled_from("aé\U0001f600\ud83d\ude00"), max_size=8)


@given(_HALVES)
def test_whole_text(text: str) -> None:
    """The text can be encoded, and is the same where it was whole."""
    whole = whole_text(text)
    whole.encode()
    assert whole_text(whole) == whole
    assert whole == text or "\ufffd" in whole or "\U0001f600" in whole


_DEEP = """
import sys
from gpo_client.models.json_text import UNREADABLE, decode_json
sys.setrecursionlimit(10**6)  # as many a program does
for document in (b"[" * 200_000, b'{"a":' * 200_000, b'["[",' * 200_000, b"[" * 1001 + b"]" * 1001):
    try:
        decode_json(document)
    except UNREADABLE as error:
        print(error)
print(decode_json(b"[" * 900 + b"]" * 900)[0] is not None)
"""


def test_depth_that_no_stack_has() -> None:
    """A program that has raised Python's limit would be ended by the system: no such document is read."""
    done = subprocess.run([sys.executable, "-c", _DEEP], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.returncode) == ("it is nested too deeply\n" * 4 + "True\n", 0)
