"""Header fields of answers, however long: read once, from left to right."""

from __future__ import annotations

import pytest

from gpo_client.flows.download import file_name
from gpo_client.flows.effects import Opened
from gpo_client.flows.response import charset, given_name, media_type, request_id
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
    """Numbers that no number has the digits of."""
    assert given_name(f"attachment; filename*{'1' * 5000}=a; filename=b") == "b"


@pytest.mark.parametrize(
    ("given", "is_one"),
    [("a" * 200, True), ("a" * 201, False), ("!~", True), *((f"a{odd}b", False) for odd in " \t\x1b\x7f\xe9")],
    ids=lambda case: ascii(case)[:20],
)
def test_ids_of_requests(given: str, is_one: bool) -> None:
    """What can be printed and logged as it is."""
    assert request_id(Opened(200, {"x-request-id": given})) == (given if is_one else None)


@pytest.mark.parametrize(
    ("field", "kind", "named"),
    [
        ("Application/JSON;charset=UTF-8", "application/json", "UTF-8"),
        ('text/html ; Charset\t= "latin-1"', "text/html", "latin-1"),
        ("text/plain; q=1;charset=a;b=c", "text/plain", "a"),
        ("text/plain; charset=a b", "text/plain", "a"),
        ('text/plain; charset=""', "text/plain", None),
        ("text/plain; x-charset=a", "text/plain", None),
        ("application/json charset=utf-8", "application/json", None),
        (' "text/event-stream"', "text/event-stream", None),
        ("'text/event-stream'", "text/event-stream", None),
        ("text/event-stream, text/html", "text/event-stream", None),
        ("a!#$%&*+.^`|~-_0/b!#$%&*+.^`|~-_0", "a!#$%&*+.^`|~-_0/b!#$%&*+.^`|~-_0", None),
        ("text/pl\xe4in", "text/pl", None),
        *((field, "", None) for field in ("", "json", "/json", "text/", "(text/plain)", "\xe4/json")),
    ],
    ids=ascii,
)
def test_media_types(field: str, kind: str, named: str | None) -> None:
    """In lower case, and the charset as it is named; what servers forget, repeat or quote does no harm."""
    head = Opened(200, {"content-type": field})
    assert (media_type(head), charset(head)) == (kind, named)


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


_NAMES: dict[str, str | None] = {
    'attachment; filename="report.pdf"': "report.pdf",
    "attachment; filename=report.pdf": "report.pdf",
    "attachment; filename=\"plain.pdf\"; filename*=UTF-8''informe%20a%C3%B1o.pdf": "informe año.pdf",
    'attachment; filename="informe año.pdf"': "informe año.pdf",
    'attachment; filename="../../etc/passwd"': "passwd",
    'attachment; filename="/etc/passwd"': "passwd",
    r'attachment; filename="C:\\Windows\\win.ini"': "win.ini",
    r'attachment; filename="..\\..\\win.ini"': "win.ini",
    "attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd": "passwd",
    "attachment; filename*=UTF-8''a%00b%0Ac%1Bd.pdf": "abcd.pdf",
    "attachment; filename*=UTF-8''%E2%80%AEfdp.exe": "fdp.exe",
    'attachment; filename=".."': None,
    'attachment; filename="."': None,
    'attachment; filename=""': None,
    'attachment; filename="/"': None,
    'attachment; filename="   "': None,
    'attachment; filename=".bashrc"': "bashrc",
    'attachment; filename="CON:<>|?*.pdf"': "CON.pdf",
    "attachment": None,
    "attachment; filename*=no-such-charset''report.pdf": "report.pdf",
    "attachment; filename*=idna''xn--a.pdf": "xn--a.pdf",
    "attachment; filename*=US-ASCII''a%20b.pdf": "a b.pdf",
    "attachment; filename*=idna''%FF.pdf": None,
    "attachment; filename*=punycode''%FF.pdf; filename=plain.pdf": "plain.pdf",
    "attachment; filename*=UTF-8''%FF%FE.pdf; filename=plain.pdf": "plain.pdf",
    "attachment; filename*=iso-8859-1'es'a%F1o.pdf": "a\u00f1o.pdf",
    "attachment; filename*=utf-16''a%00.pdf": "a.pdf",
    "attachment; filename*=rot13''ercbeg.pdf": "ercbeg.pdf",
    "attachment; filename*=hex''3.pdf": "3.pdf",
    'attachment; FILENAME*0=a; filename*1="b.pdf"': "ab.pdf",
    "attachment; filename*0*=UTF-8''a%C3; filename*1*=%B1o.pdf": "a\u00f1o.pdf",
    "attachment; filename*99=a": None,
    'attachment; x="filename=no.pdf"; filename="a;b\\"c.pdf"': "a;bc.pdf",
    'attachment; filename="unclosed.pdf': "unclosed.pdf",
    "attachment; filename*=UTF-8'only one quote": None,
    "filename=alone.pdf": "alone.pdf",
    ";;;=;filename": None,
    f"attachment; {'a=b; ' * 9000}filename=late.pdf": None,
    'attachment; filename="a=b.pdf"': "a=b.pdf",
    'attachment; filename = "a.pdf" ': "a.pdf",
    'attachment; filename="a.pdf"; filename="b.pdf"': "a.pdf",
    r'attachment; filename="a\b.pdf"': "b.pdf",
    "attachment; filename*= utf-8 ''a%C3%B1o.pdf": "a\u00f1o.pdf",
    "attachment; filename*=UTF-8''it's.pdf": "it's.pdf",
    "attachment; filename*0*=UTF-8''it's; filename*1*='.pdf": "it's'.pdf",
    "attachment; filename*0*=UTF-8''a%20; filename*1=b%20.pdf": "a b%20.pdf",
    "attachment; filename*0=a%20; filename*1*=%20.pdf": "a%20 .pdf",
    "attachment; filename*0=a; filename*2=c; filename*3=d": "a",
    "attachment; filename*1=b; filename*2=c": None,
    "attachment; " + "; ".join(f"filename*{number}=x" for number in range(101)): "x" * 100,
    "attachment; filename*0=\u00f1; filename*10=k; filename*1=.pdf": "\u00f1.pdf",
    "attachment; filename*0*=iso-8859-1''%F1; filename*1=\u00f1": "\u00f1\u00c3\u00b1",
    'attachment; filename*0="a\ud800.pdf"': "a.pdf",
    'attachment; filename=" .a. "': "a",
    "attachment; filename=XaX": "XaX",
    r'attachment; filename="a\X.pdf"': "X.pdf",
    f'attachment; filename="a{"ñ" * 200}.pdf"': f"a{'ñ' * 97}.pdf",
    f'attachment; filename="{"a" * 200}.pdf"': f"{'a' * 196}.pdf",
    f'attachment; filename="{"a" * 196}.pdf"': f"{'a' * 196}.pdf",
    f'attachment; filename="{"ñ" * 200}.pdf"': f"{'ñ' * 98}.pdf",
    f'attachment; filename="{"a" * 200}.p{"ñ" * 100}"': f"{'a' * 180}.p{'ñ' * 9}",
    f'attachment; x="{"x" * 8164}"; filename=a': "a",
    f'attachment; x="{"x" * 8164}"; filename=ab': "a",
}


@pytest.mark.parametrize("field", _NAMES, ids=lambda field: ascii(field)[12:60])
def test_names_of_files(field: str) -> None:
    """A server chooses a name at most, never a place; of several forms, the one that says most."""
    assert file_name(Opened(200, {"content-disposition": field})) == _NAMES[field]
    assert file_name(Opened(200, {})) is None
