"""The filter that keeps secrets out of any log."""

from __future__ import annotations

import io
import json
import logging
import string
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpo_client import ChatContext, Secret
from gpo_client.logs import RedactionFilter
from gpo_client.logs.redaction import secret_members
from tests.support.parts import examples

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
    (f"Set-Cookie: theme=dark; sid={_SECRET}; Path=/",),
    ("sent %s", {"Cookie": f"theme=dark; sid={_SECRET}"}),
    (f"password = {_SECRET}; user = ana",),
    (f"got {_JWT}",),
    (f"Authorization: ApiKey {_SECRET}",),
    (f"proxy-authorization: AWS4-HMAC-SHA256 Credential={_SECRET}/s3, SignedHeaders=host, Signature={_SECRET}",),
    (f'Authorization: Digest username="ana", response="{_SECRET}", nc=1',),
    (f"Authorization: {_SECRET}",),
    (f"Authorization:\n Custom\t{_SECRET}",),
    (f"Bearer\n{_SECRET}",),
    (f"curl -H 'Authorization: ApiKey {_SECRET}' https://gpo.example.com",),
    (f"GET https://{_SECRET}@gpo.example.com/",),
    (f"GET https://ana:a/{_SECRET}@gpo.example.com/",),
    (f"GET https://ana:a?{_SECRET}@gpo.example.com/",),
    (f"GET https://ana:a#{_SECRET}@gpo.example.com:8443/",),
    (f"GET https://ana:12/{_SECRET}@gpo.example.com/",),
    (f"GET https://ana:a@{_SECRET}@gpo.example.com/",),
    (f"redis://:{_SECRET}@localhost:6379/0",),
    (f"curl -u ana:{_SECRET} https://gpo.example.com",),
    (f"curl -uana:{_SECRET} --proxy-user 'ana:with space {_SECRET}'",),
    (f"curl --user=ana:{_SECRET}",),
    (f"gpo --api-key {_SECRET} chat --password {_SECRET}",),
    (f"x-api-key {_SECRET}",),
    (f"the token is '{_SECRET}', do not tell",),
    (f"<token>{_SECRET}</token>",),
    (f'<s:client-secret type="a">\n<![CDATA[{_SECRET}]]></s:client-secret>',),
    (f'<session token="{_SECRET}"/>',),
    (json.dumps(json.dumps({"token": _SECRET})),),
    (json.dumps(json.dumps(json.dumps(json.dumps({"token": f'a"{_SECRET}'})))),),
    (f'token="cut off {_SECRET}',),
    ("a wrong number of arguments %s %s", f"token={_SECRET}"),
    ("%d", f"token={_SECRET}"),
    (f"Proxy-Authorization: Token {_SECRET} and the rest",),
    (f"curl -H 'authorization: Custom-Scheme {_SECRET}' https://gpo.example.com",),
    (f"Authorization: Bearer\t{_SECRET}",),
    (f"GET https://ana:{_SECRET}/{_SECRET}@gpo.example.com/",),
    (f"GET https://ana:x@{_SECRET}@gpo.example.com/",),
    (f"GET https://:{_SECRET}@gpo.example.com:8443/",),
    (f"<soap:Token type='a'>{_SECRET}</soap:Token>",),
    (f"curl --user=ana:{_SECRET} https://gpo.example.com",),
    (json.dumps(json.dumps(json.dumps({"token": _SECRET}))),),
    (json.dumps(json.dumps(json.dumps(json.dumps([{"Authorization": f"Basic {_SECRET}"}])))),),
    (json.dumps([{"name": "token", "value": _SECRET}]),),
    (json.dumps(json.dumps({"value": _SECRET, "key": "api_key"})),),
    (str({"key": "password", "val": _SECRET}),),
    ("sent %s", [{"Name": "X-API-Key", "Value": _SECRET}]),
    ("sent %s", {"headers": [["X-API-Key", _SECRET]]}),
    (f"name=token value={_SECRET}",),
    (f"GET /login?next=%2Fx%3Ftoken%3D{_SECRET}%26page%3D2",),
    (f"GET /login?next=%252Fx%253Fapi_key%253d{_SECRET}",),
    (f'{{"user"=>"ana", "password"=>"{_SECRET}"}}',),
    (f"['user' => 'ana', 'api_key' => '{_SECRET}']",),
    (f"[:name => 'token', :value => '{_SECRET}']",),
    (f"authorization => Custom {_SECRET}",),
    (f'<input value="{_SECRET}" type="hidden" name="csrf-token">',),
    ("sent %r", [("authorization", "czNjcjN0LXQwazNuLnhfeX56=" + _SECRET)]),
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


def test_extras_that_name_secrets(log: Log) -> None:
    """By a value beside theirs, as header fields and parameters are listed."""
    fields = {"pairs": [["X-API-Key", _SECRET], ["Accept", "*/*"]], "named": {"name": "token", "value": _SECRET}}
    record = logging.makeLogRecord({"msg": "x", "levelno": 30, **fields})
    log[0].handle(record)
    told, masked = vars(record), "**********"
    assert told["pairs"] == [["X-API-Key", masked], ["Accept", "*/*"]]
    assert told["named"] == {"name": "token", "value": masked}


@pytest.mark.parametrize(
    ("members", "secret"),
    [
        ({"Name": "token", "Value": "a"}, {"Value"}),
        ({"KEY": "token", "VAL": "a", "page": 1}, {"VAL"}),
        ({"name": "title", "value": "a"}, set()),
        ({"title": "token", "value": "a"}, set()),
        ({"Token": "a", 1: "token", "note": "token"}, {"Token"}),
    ],
)
def test_members_that_are_secret(members: dict[Any, Any], secret: set[str]) -> None:
    """By their own name, or by one that is a value beside them; in whatever case."""
    assert secret_members(members) == secret


_MASKED = "**********"


def _in_lists(count: int, what: str = "a") -> list[Any]:
    within: list[Any] = [what]
    for _ in range(count - 1):
        within = [within]
    return within


@pytest.mark.parametrize(
    ("fields", "masked"),
    [
        ({"msg": {"token": _SECRET, "page": 1}}, {"msg": {"token": _MASKED, "page": 1}}),
        ({"msg": Secret(_SECRET)}, {"msg": _MASKED}),
        ({"msg": "%s %s", "args": (f"token={_SECRET}",)}, {"msg": "%s %s", "args": (f"token={_MASKED}",)}),
        ({"msg": f"%s %s token={_SECRET}", "args": ("a",)}, {"msg": f"%s %s token={_MASKED}", "args": ("a",)}),
        # Two arguments are no name with its value.
        ({"msg": "%s of %s", "args": ("token", "abc")}, {"msg": "%s of %s", "args": ("token", "abc")}),
        ({"stack_info": f"in f\ntoken={_SECRET}"}, {"stack_info": f"in f\ntoken={_MASKED}"}),
        ({"exc_text": f"ValueError: token={_SECRET}"}, {"exc_text": f"ValueError: token={_MASKED}"}),
        ({"nested": _in_lists(9)}, {"nested": _in_lists(9)}),
        ({"nested": [_in_lists(9)]}, {"nested": _in_lists(9, _MASKED)}),
    ],
)
def test_what_is_left_of_a_record(fields: dict[str, Any], masked: dict[str, Any]) -> None:
    """All but the secrets, in each of its fields."""
    record = logging.makeLogRecord(fields)
    RedactionFilter().filter(record)
    assert {name: vars(record)[name] for name in masked} == masked


class _Shown:
    def __repr__(self) -> str:
        return f"Shown(token={_SECRET!r})"

    def __str__(self) -> str:
        return "shown"


class _Told:
    def __repr__(self) -> str:
        return "Told()"

    def __str__(self) -> str:
        return f"token={_SECRET}"


class _Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def test_extras_that_show_secrets(log: Log) -> None:
    """An object in an extra field, which a handler that writes JSON will show as its text."""
    plain = object()
    fields = {"context": _Shown(), "told": _Told(), "unshowable": _Unshowable(), "plain": plain, "page": 2}
    record = logging.makeLogRecord({"msg": "x", "levelno": 30, **fields})
    log[0].handle(record)
    assert vars(record)["context"] == "Shown(token='**********')"
    assert vars(record)["told"] == "token=**********"
    assert vars(record)["plain"] is plain
    assert isinstance(vars(record)["unshowable"], _Unshowable)


def test_notes_of_exceptions(log: Log) -> None:
    """They are printed below it."""
    error = ValueError("x")
    error.add_note(f"Authorization: ApiKey {_SECRET}")
    try:
        raise error
    except ValueError:
        log[0].exception("failed")
    assert _SECRET not in log[1].getvalue()
    assert "Authorization: **********" in log[1].getvalue()


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
    lines += [
        "GET http://127.0.0.1:8760/api?to=ana@example.com",
        "http://sandbox:8760/@scope/x",
        "https://example.com/a@b",
    ]
    lines += [
        "<tokenizer>bpe-1</tokenizer>",
        "<tokens>512</tokens>",
        "the token expired at 2026-11-01T12:00:00Z",
        "ls -u x",
    ]
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
    known = RedactionFilter("abc", Secret("abcdef"), "bc", "")
    assert known.redact("abcdef abc bc") == "********** ********** **********"


_WORDS = st.text(string.ascii_letters + string.digits + "-._~", min_size=8, max_size=40)
_NAMES = st.sampled_from(["Authorization", "token", "access_token", "X-API-Key", "client-secret", "password", "Cookie"])
_SHAPES = st.sampled_from(
    [
        "{name}: {value}", "{name}={value}", "{name}: Bearer {value}", '{{"{name}": "{value}"}}',
        "{{'{name}': '{value}'}}", "{{'{name}': 'Bearer {value}'}}", '{{\\"{name}\\": \\"{value}\\"}}',
        "?page=1&{name}={value}&page_size=20", "(b'{name}', b'{value}')", "{name} = '{value}'",
        "<{name}>{value}</{name}>", "Authorization: Scheme {value}", '\\\\\\"{name}\\\\\\": \\\\\\"{value}\\\\\\"',
    ]
)  # fmt: skip


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


_PARTS = [
    "a", "token", "eyJa-", 'token"', "Bearer ", "://", 'token="', "://a:", "token='\\", "b: c", "authorization: a ",
    "authorization: a b=c, ", "-u ", "-u a:", "--token ", "<token>", "<token ", "x-api-key ", 'token=\\"', "@",
    "://a@", "token=\\\\", "://a:b@", "v=a ", 'value="a" ', "name: token,", '"key": "token", ',
    "token%3D", "token => ", "%25",
]  # fmt: skip


@pytest.mark.parametrize("part", _PARTS)
def test_long_lines_take_linear_time(part: str) -> None:
    """Whatever a server sends to be logged, it comes to an end: with a search that is not linear these take hours."""
    assert RedactionFilter().redact(part * examples(20_000))
