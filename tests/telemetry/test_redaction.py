"""The filter that keeps secrets out of any log."""

from __future__ import annotations

import io
import logging
import string
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpo_client import ChatContext, RedactionFilter, Secret

_SECRET = "s3cr3t-t0k3n.x_y~z"
_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2lnbmF0dXJl"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger of a user's, whose handler has the filter, and what it writes."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(RedactionFilter())
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger = logging.Logger("users.own")  # noqa: LOG001 - of this test alone
    logger.addHandler(handler)
    yield logger, written
    handler.close()


Log = tuple[logging.Logger, io.StringIO]

_MESSAGES: list[tuple[Any, ...]] = [
    ("Authorization: Bearer " + _SECRET,),
    ("Authorization: Basic " + _SECRET,),
    ("authorization=%s", _SECRET),
    ("sent %s", {"Authorization": f"Bearer {_SECRET}", "Accept": "text/html"}),
    ("sent %r", [("authorization", f"Bearer {_SECRET}")]),
    ("sent %r", [(b"Authorization", f"Bearer {_SECRET}".encode())]),
    ("sent %r", [(b"X-API-Key", _SECRET.encode())]),
    ("token %s", Secret(_SECRET)),
    (Secret(_SECRET),),
    ({"token": _SECRET},),
    ("%(token)s", {"token": _SECRET}),
    ("with %s", {"nested": [{"client_secret": _SECRET}]}),
    ("body %s", f'{{"session": {{"token": "{_SECRET}"}}}}'),
    ("body %r", f'{{"token": "{_SECRET}"}}'),
    ("GET https://gpo.example.com/?page=1&api_key=%s&x=1", _SECRET),
    (f"proxy http://ana:{_SECRET}@proxy.example.com:3128",),
    (f"api_key='{_SECRET}' timeout=3",),
    (f"password = {_SECRET}; user = ana",),
    (f"got {_JWT}",),
    ("a wrong number of arguments %s %s", f"token={_SECRET}"),
    ("%d", f"token={_SECRET}"),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("arguments", _MESSAGES, ids=str)
def test_messages_and_arguments(arguments: tuple[Any, ...], log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a secret gets into a message."""
    errors = io.StringIO()  # where logging reports what cannot be formatted, with its arguments
    monkeypatch.setattr("sys.stderr", errors)
    logger, written = log
    logger.warning(*arguments)
    shown = written.getvalue() + errors.getvalue()
    lines = [line for line in shown.splitlines() if not line.startswith("  ")]  # those are this file's own
    assert lines
    assert not any(secret in line for line in lines for secret in (_SECRET, _JWT))


def test_extras(log: Log) -> None:
    """Fields for handlers that write JSON."""
    logger, _ = log
    records: list[logging.LogRecord] = []
    logger.addFilter(lambda record: records.append(record) or True)  # type: ignore[func-returns-value]
    extra = {"token": _SECRET, "headers": {"Authorization": _SECRET}, "page": 2, "note": f"Bearer {_SECRET}"}
    logger.warning("fetched", extra=extra)
    told = vars(records[0])
    masked = "**********"
    assert told["token"] == masked
    assert told["headers"] == {"Authorization": masked}
    assert (told["page"], told["note"]) == (2, f"Bearer {masked}")
    assert extra["token"] == _SECRET, "the program's own mapping is left alone"


def test_tracebacks(log: Log) -> None:
    """The messages of exceptions, their causes, and the stack."""
    logger, written = log
    try:
        try:
            raise ValueError(f"Authorization: Bearer {_SECRET}")
        except ValueError as cause:
            raise LookupError("no such thing") from cause
    except LookupError:
        logger.exception("failed", stack_info=True)
    assert _SECRET not in written.getvalue()
    assert "Authorization: **********" in written.getvalue()
    assert "LookupError: no such thing" in written.getvalue()


def test_what_holds_no_secret_is_left_as_it_is(log: Log) -> None:
    """Texts, objects and exceptions stay, so that other tools find what they look for."""
    logger, written = log
    records: list[logging.LogRecord] = []
    logger.handlers[0].addFilter(lambda record: records.append(record) or True)  # type: ignore[func-returns-value]
    thing = object()
    lines = ["total_tokens=512", "token: none", "the token is gone", "tokenizer=bpe", "a: b, c=d"]
    for line in lines:
        logger.warning(line)
    logger.warning("%s and %d", thing, 5)
    try:
        raise LookupError("plain")
    except LookupError:
        logger.exception("failed")
    assert written.getvalue().splitlines()[: len(lines)] == [f"WARNING {line}" for line in lines]
    assert records[-2].args == (thing, 5)
    assert records[-1].exc_info is not None


def test_objects_that_mask_themselves(log: Log) -> None:
    """Contexts and sessions need no help."""
    logger, written = log
    logger.warning("%s", ChatContext(session_id="s", token=Secret(_SECRET)))
    assert "session_id='s'" in written.getvalue()
    assert _SECRET not in written.getvalue()


def test_secrets_that_it_was_told() -> None:
    """Wherever they stand, the longer one first."""
    assert RedactionFilter("abc", Secret("abcdef"), "").redact("abcdef abc") == "********** **********"


_WORDS = st.text(string.ascii_letters + string.digits + "-._~", min_size=8, max_size=40)
_NAMES = st.sampled_from(["Authorization", "token", "access_token", "X-API-Key", "client-secret", "password", "Cookie"])
_SHAPES = st.sampled_from(
    [
        "{name}: {value}",
        "{name}={value}",
        "{name}: Bearer {value}",
        '{{"{name}": "{value}"}}',
        "{{'{name}': '{value}'}}",
        "{{'{name}': 'Bearer {value}'}}",
        '{{\\"{name}\\": \\"{value}\\"}}',
        "?page=1&{name}={value}&page_size=20",
        "(b'{name}', b'{value}')",
        "{name} = '{value}'",
    ]
)


@settings(deadline=None)
@given(value=_WORDS, name=_NAMES, shape=_SHAPES, before=st.text(max_size=20), after=st.text(max_size=20))
def test_named_secrets_never_get_through(value: str, name: str, shape: str, before: str, after: str) -> None:
    """In whatever surroundings; and doing it twice is doing it once."""
    secret = f"q{value}Q9x"  # no number, and nothing that could be in its surroundings by chance
    text = f"{before} {shape.format(name=name, value=secret)} {after}"
    masked = RedactionFilter().redact(text)
    assert secret not in masked
    assert RedactionFilter().redact(masked) == masked


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_argument_is_survived(value: Any) -> None:
    """Nothing is raised, and no record is dropped."""
    record = logging.makeLogRecord({"msg": "%s", "args": (value,), "field": value})
    assert RedactionFilter().filter(record)
    assert isinstance(record.getMessage(), str)


def test_a_list_that_contains_itself(log: Log) -> None:
    """It ends."""
    logger, written = log
    endless: list[Any] = ["a"]
    endless.append(endless)
    logger.warning("%s", endless)
    assert "a" in written.getvalue()


@pytest.mark.parametrize(
    "part", ["a", "token", "eyJa-", 'token"', "Bearer ", "://", 'token="', "://a:", "token='\\", "b: c"]
)
def test_long_lines(part: str) -> None:
    """Whatever a server sends to be logged, it comes to an end: with a search that is not linear these take hours."""
    assert RedactionFilter().redact(part * 100_000)
