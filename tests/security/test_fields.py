"""Header fields of answers, however long: read once, from left to right."""

from __future__ import annotations

import pytest

from gpo_client.flows.download import file_name
from gpo_client.flows.effects import Opened
from gpo_client.flows.response import given_name, request_id
from tests.fuzz.targets.decoders import READERS
from tests.support.counting import reading_steps

#: What fields are made long with.
_PARTS = [
    'x="";', ";", '"', '\\"', "a=b;", "filename*=UTF-8''%41;", "filename*1=a;", "%41", "'", "\\", "=", " ", "; ", "(",
    ")", "-", ":", ",", "0:", " -", "9", "Sun, ", "[", "//", "@", "?", "charset=", "; charset", "gzip,", "/", ".",
]  # fmt: skip


@pytest.mark.parametrize("field", READERS)
def test_reading_takes_linear_time(field: str) -> None:
    """Twice the field is twice the steps at most, whatever it is made of; counted, so no busy machine can disagree."""
    for part in _PARTS:
        for first in ('attachment; filename="', "Sun, 06 Nov 1994 ", "http://", ""):
            once, twice = (reading_steps(READERS[field], first + part * size) for size in (300, 600))
            assert twice <= 2.2 * once + 200, (first, part, once, twice)


def test_the_count_sees_quadratic_time() -> None:
    """A reader that is slow on purpose is found out, so that the test above means something."""

    def slow(text: str) -> None:
        while text:
            _, _, text = text.partition(";")

    once, twice = (reading_steps(slow, ";" * size) for size in (300, 600))
    assert twice > 3 * once


def test_endless_fields_are_not_read_to_their_end() -> None:
    """Names of files are short: beyond 8 KiB nothing is looked at."""
    steps = [reading_steps(given_name, 'attachment; x="' + ";" * size) for size in (9_000, 40_000)]
    assert steps[1] - steps[0] == 31_000  # it is cut once


def test_what_is_too_long_for_what_it_is() -> None:
    """Numbers that no number has the digits of, and ids that nobody could log."""
    assert given_name(f"attachment; filename*{'1' * 5000}=a; filename=b") == "b"
    assert [request_id(Opened(200, {"x-request-id": "a" * size})) for size in (200, 201)] == ["a" * 200, None]


@pytest.mark.parametrize("part", _PARTS)
@pytest.mark.parametrize("field", READERS)
def test_long_fields(field: str, part: str) -> None:
    """What regular expressions do inside is not counted: these would take minutes if they were not linear."""
    READERS[field](part * (90_000 // len(part)))


@pytest.mark.parametrize(
    "charset", ["idna", "punycode", "rot13", "hex", "zlib", "undefined", "utf-7", "unicode_escape"]
)
def test_no_other_codec_is_run(charset: str) -> None:
    """A server does not choose what runs here: UTF-8, Latin-1, and what is ASCII."""
    assert file_name(Opened(200, {"content-disposition": f"attachment; filename*={charset}''%FF+-a.pdf"})) is None


@pytest.mark.parametrize(
    ("charset", "text"), [("idna", "xn--bcher-kva.pdf"), ("punycode", "bcher-kva"), ("utf-7", "+AGEAYg-.pdf")]
)
def test_what_another_codec_would_read(charset: str, text: str) -> None:
    """It is ASCII, and stays that."""
    assert file_name(Opened(200, {"content-disposition": f"attachment; filename*={charset}''{text}"})) == text
