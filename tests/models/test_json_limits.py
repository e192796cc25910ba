"""Limits of JSON that are counted before it is read: values and levels, without what stands in texts."""

from __future__ import annotations

import json

import msgspec
import pytest

from gpo_client.models import json_text
from gpo_client.models.json_text import (
    BYTES_A_VALUE,
    decode_json,
    has_too_many_values,
    is_beyond_depth,
    size_with_replacements,
    text_with_replacements,
)

#: Documents, and how many values and containers each has.
_COUNTED = [
    ("[1,2,3,4,5,6,7,8]", 7, 1),
    ('{"a":1,"b":[2,{}],"c":3}', 3, 3),
    ('["a,b,c,[,{",1,"{[,"]', 2, 1),
    (r'["\",[,{",1,"\\",2,"\\\",["]', 4, 1),
    (r'["\\\\\\\\\\",1,"\\\\\\\"[,",2]', 3, 1),
    ('["",1,"",2,"",3,"",[4]]', 7, 2),
]


@pytest.mark.parametrize("portion", [2, 3, 4, 5, 7, 1000])
@pytest.mark.parametrize(("document", "commas", "containers"), _COUNTED)
def test_values(document: str, commas: int, containers: int, portion: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each comma and each container counts, in events these eight times; wherever a portion ends."""
    json.loads(document)
    monkeypatch.setattr(json_text, "_PORTION", portion)
    monkeypatch.setattr(json_text, "_FEW_VALUES", 1)
    for most in range(1, 40):
        limit, data = most * BYTES_A_VALUE, document.encode()
        assert has_too_many_values(data, limit) is (commas + containers > most)
        assert has_too_many_values(data, limit, is_event=False) is (commas + containers > most)
        assert has_too_many_values(data, limit, is_event=True) is (commas + 8 * containers > most)
        assert has_too_many_values(data, limit + BYTES_A_VALUE - 1) is (commas + containers > most)


def test_few_values() -> None:
    """Are never too many, however small the limit."""
    few = json_text._FEW_VALUES
    assert not has_too_many_values(b"," * few, 0)
    assert has_too_many_values(b"," * (few + 1), 0)


@pytest.mark.parametrize("portion", [3, 1000])
@pytest.mark.parametrize(
    ("document", "is_beyond"),
    [
        ("[1,[2,{}]]", False),
        ("[1,[2,{}],[{}]]", False),
        ("[[[[]]]]", True),
        ('{"a":{"a":[{}]}}', True),
        ('{"[[[[":"{{{{"}', False),
        ("[[[],[],[]]]", False),
    ],
)
def test_levels(document: str, is_beyond: bool, portion: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of lists and objects within each other; what is beyond is not read at all."""
    monkeypatch.setattr(json_text, "_PORTION", portion)
    monkeypatch.setattr(json_text, "_MOST_LEVELS", 3)
    assert is_beyond_depth(document.encode()) is is_beyond
    if is_beyond:
        with pytest.raises(msgspec.DecodeError, match=r"^it is nested too deeply$"):
            decode_json(document.encode())
    else:
        assert decode_json(document.encode()) == json.loads(document)


def test_what_is_said_of_no_json() -> None:
    """What the decoder says, and where."""
    with pytest.raises(msgspec.DecodeError) as caught:
        decode_json(b"[1,]")
    with pytest.raises(msgspec.DecodeError) as plain:
        msgspec.json.decode(b"[1,]")
    assert str(caught.value) == str(plain.value)


@pytest.mark.parametrize("portion", [1, 3, 1000])
@pytest.mark.parametrize("data", [b"", b"abc", b"a\xff\xffo", "é😀é".encode(), b"a\xf0\x9f\x98", b"\xffa\xc3"])
def test_sizes_with_replacements(data: bytes, portion: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many bytes as the text has once it is written; of one beyond the limit, that it is."""
    monkeypatch.setattr(json_text, "_PORTION", portion)
    size = len(data.decode("utf-8", "replace").encode())
    assert text_with_replacements(data) == data.decode("utf-8", "replace")
    for limit in range(3 * len(data)):
        found = size_with_replacements(data, limit)
        assert found == size if size <= limit or data.isascii() else found > limit
    assert size_with_replacements(data, 3 * len(data)) == len(data)


def test_no_charset() -> None:
    """A codec that is none of text is refused by its name."""
    with pytest.raises(LookupError, match=r"^hex is no charset$"):
        text_with_replacements(b"a", "hex")
