"""What an event or a document in a chunk's place is: a chunk, an error, or something in a dialect of its own."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client.models.problem import Problem
from gpo_client.sse.event_kinds import EventNames, find_problem, holds_chunk, read_problem, tells_of_error

#: Objects that tell of an error, whether or not they have members of a chunk.
ERRORS: list[dict[str, Any]] = [
    {"error": "busy"},
    {"errors": ["busy"]},
    {"error": {"code": 0, "message": "busy"}},
    {"errors": [[], {"a": [0, {"b": 1}]}]},
    *({name: "error"} for name in ("type", "object", "status", "event")),
    {"type": "token", "object": "error"},
]
#: Those that do where nothing of a chunk is.
PROBLEMS: list[dict[str, Any]] = [
    {"detail": "busy"},
    {"detail": [{"msg": "too long"}]},
    {"title": "Overloaded", "status": 503},
    {"message": "busy", "status": 400},
    {"message": "busy", "statusCode": "500"},
    {"message": "busy", "status_code": 999_999},
    {"message": "busy", "status": 0, "statusCode": None, "code": 404},
    *({"title": "Busy", "type": kind} for kind in ("about:blank", "http://a/b", "https://a/b", "urn:a", "/busy")),
]
NO_ERRORS: list[dict[str, Any]] = [
    {},
    {"usage": 5},
    {"error": None, "errors": []},
    {"error": {"code": 0, "message": ""}},
    {"errors": [[], {"a": [0, {"b": None}]}]},
    {"type": "errors", "object": "token", "status": "ok", "event": "Error"},
    {"status": 500},
    {"title": "Rates"},
    {"message": "hello", "detail": ""},
    {"title": "", "message": {"text": ""}, "status": 500},
    {"title": "Rates", "status": 399},
    {"title": "Rates", "status": -500},
    {"title": "Rates", "status": "5e2"},
    {"title": "Rates", "status": 1_000_000},
    {"title": "Rates", "status": "4" * 5000},
    {"title": "Rates", "status": "done", "code": 500},
    {"title": "Rates", "type": "text", "status": 200},
    {"title": "Rates", "type": 5},
    {"type": "about:blank"},
]


@pytest.mark.parametrize("is_chunk", [False, True])
@pytest.mark.parametrize(
    ("raw", "kind"),
    [*((raw, "error") for raw in ERRORS), *((raw, "problem") for raw in PROBLEMS), *((raw, "") for raw in NO_ERRORS)],
)
def test_what_tells_of_an_error(raw: dict[str, Any], kind: str, is_chunk: bool) -> None:
    """An ``error`` that says something does anywhere; a problem document only where no chunk is."""
    assert tells_of_error(raw, is_chunk=is_chunk) is (kind == "error" or (kind == "problem" and not is_chunk))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'{"detail": "busy"}', Problem(detail="busy")),
        (b'{"title": "Busy", "status": 503}', Problem(title="Busy", status=503)),
        (b'{"error": {"code": "busy"}}', Problem(code="busy")),
        (b'{"event": "error", "content": " so busy "}', Problem(detail=" so busy ")),
        (b'{"event": "error", "content": " "}', Problem(detail='{"event": "error", "content": " "}')),
        (b'{"event": "error", "content": 5}', Problem(detail='{"event": "error", "content": 5}')),
        (b'{"usage": 5}', None),
        (b'["error"]', None),
        (b'"error"', None),
        (b'{"error": "bu', None),
    ],
)
def test_the_problem_in_a_document(data: bytes, problem: Problem | None) -> None:
    """In its own words, if it has any; else as much of it as is shown."""
    assert find_problem(data) == problem


_ROOM = 512 * 1024


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'{"title": "Busy", "content": "a"}', Problem(title="Busy")),
        (b'{"code": "busy", "content": "a"}', Problem(code="busy")),
        (b'{"content": "a"}', Problem(detail="a")),
        (b"[5]", Problem(detail="[5]")),
        (b"{}", Problem()),
        (b" ", Problem()),
        (b" caf\xe9 is busy\n", Problem(detail="caf\ufffd is busy")),
        (b'{"detail": "busy"}'.ljust(_ROOM), Problem(detail="busy")),
        (b'{"detail": "busy"}'.ljust(_ROOM + 1), Problem(detail='{"detail": "busy"}')),
        (b" " * 3999 + b"busy", Problem(detail="b")),
        (b" " * 4000 + b"busy", Problem()),
        ("é".encode() * 501, Problem(detail="é" * 500)),
    ],
    ids=lambda value: None if isinstance(value, Problem) else repr(value[:20] + value[-6:]),
)
def test_the_problem_in_an_event_that_is_an_error(data: bytes, problem: Problem) -> None:
    """Any text will do; one too large for a problem is not read, and five hundred characters are shown."""
    assert read_problem(data) == problem


@pytest.mark.parametrize(
    ("data", "is_chunk"),
    [
        (b' {"content": ""}', True),
        (b'{"sources": [5]}', True),
        (b'{"is_complete": false, "content": null}', True),
        (b'{"metadata": {}, "more": 5}', True),
        (b'{"content": NaN}', True),  # a text, as it was written
        (b'{"content": "a", "sources": {}}', False),
        (b'{"is_complete": "true"}', False),
        (b'{"is_complete": 1}', False),
        (b'{"metadata": []}', False),
        (b'{"content": null}', False),
        (b'{"content": "a"', False),
        (b'["content"]', False),
        (b'{"content": "a", "x": [%b0]}' % (b"[]," * 7279), True),
        (b'{"content": "a", "x": [%b0]}' % (b"[]," * 7280), False),
    ],
    ids=lambda value: repr(value[:50]) if isinstance(value, bytes) else None,
)
def test_what_holds_a_chunk(data: bytes, is_chunk: bool) -> None:
    """Members of a chunk, all of their types; more values than any chunk has are not looked at."""
    assert holds_chunk(data) is is_chunk


_CHUNK = b'{"content": "a"}'


def test_names_of_the_contract() -> None:
    """Chunks, whatever they hold; there is nothing to say of them."""
    names = EventNames()
    assert names.are_chunks(b"", b"no chunk")
    assert names.are_chunks(b"message", b"no chunk")
    assert (names.story, names.hide_something, names.hold_strangers) == ("", False, False)


def test_a_name_is_learned_from_its_first_chunk() -> None:
    """From then on all events of the name are chunks, and no others."""
    names = EventNames()
    assert [names.are_chunks(b"token", data) for data in (b"{}", _CHUNK, b"{}")] == [False, True, True]
    assert not names.are_chunks(b"Token", b"{}")
    assert names.story == (
        "chunks came in events of the name 'token'; events of the name 'token', 'Token' were ignored"
    )


def test_how_many_names_are_kept() -> None:
    """Eight of each kind, forty characters of each: a server may have a new one in every event."""
    names, shown = EventNames(), [f"'n{number}'" for number in range(8)]
    for _ in range(2):
        for number in range(12):
            assert names.are_chunks(b"a%d" % number, _CHUNK) is (number < 8)
            assert not names.are_chunks(b"n%d" % number, b"")
            names.note_stranger({f"n{number}": 1})
    adopted, ignored, strangers = names.story.split("; ")
    assert adopted == "chunks came in events of the name " + ", ".join(shown).replace("n", "a")
    assert ignored == "events of the name " + ", ".join(shown) + " were ignored"
    assert strangers == "objects had nothing of a chunk, but " + ", ".join(shown)
    names = EventNames()
    names.are_chunks("😀".encode() * 50, b"")
    names.are_chunks("😀".encode() * 50 + b"x", b"")
    names.note_stranger(["x" * 50])
    names.note_stranger(["x" * 60])
    names.are_chunks(b"caf\xe9", b"")
    members = (f"m{number}" for number in range(100))
    names.note_stranger(members)
    assert next(members) == "m8"  # an object may have very many
    assert names.story == (
        f"events of the name {'😀' * 40!r}, 'caf\ufffd' were ignored; "
        f"objects had nothing of a chunk, but {'x' * 40!r}, " + ", ".join(f"'m{number}'" for number in range(7))
    )


@pytest.mark.parametrize("name", [b"ping", b"Heartbeat", b"KEEP-ALIVE", b"keep_alive", b"keepalive"])
def test_events_that_keep_a_connection_open(name: bytes) -> None:
    """Are named, and hide nothing; others may."""
    names = EventNames()
    names.are_chunks(name, b"")
    assert (names.hide_something, names.hold_strangers) == (False, False)
    names.note_stranger({"usage": 5})
    assert (names.hide_something, names.hold_strangers) == (False, True)
    names.are_chunks(b"usage", b"")
    assert (names.hide_something, names.hold_strangers) == (True, True)
