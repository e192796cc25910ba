"""Tokens that a server sends back: in any place of an answer, in any spelling, they are not shown."""

from __future__ import annotations

import base64
import json
import traceback
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import ChatContext, GPOClientError, Secret
from gpo_client.exceptions import PermissionDeniedError, StreamInterruptedError
from gpo_client.flows.credentials import KnownSecrets, hide_secrets, is_long
from gpo_client.models import Problem, StreamedResponse
from gpo_client.models.spellings import without_secrets
from tests.client.conftest import Connect, Serve, connect_once, serve
from tests.client.outcomes import outcome_of
from tests.support.events import TEXT_EVENT_STREAM, sse, stream_answer
from tests.support.question import QUESTION
from tests.support.wire import Answer, End

__all__ = ["connect_once", "serve"]

_TOKEN = "t0k3n-s3cr3t+/1"
_KEY = "k3y-s3cr3t-12345"
_CONTEXT = ChatContext(session_id="session-1", token=Secret(_TOKEN))
_PROBLEM = {"Content-Type": "application/problem+json"}

_SPELLINGS = {
    "plain": _TOKEN,
    "a control character in it": _TOKEN[:4] + "\x01" + _TOKEN[4:],
    "line ends in it": _TOKEN[:4] + "\r\n" + _TOKEN[4:],
    "nothing to be seen in it": _TOKEN[:4] + "\u200b\u202e\u00ad" + _TOKEN[4:],
    "percent": quote(_TOKEN, safe=""),
    "percent in percent": quote(quote(_TOKEN, safe=""), safe=""),
    "every character in percent": "".join(f"%{ord(character):02x}" for character in _TOKEN),
    "json": "".join(f"\\u{ord(character):04x}" for character in _TOKEN),
    "json in json": "".join(f"\\\\u{ord(character):04X}" for character in _TOKEN),
    "html": "".join(f"&#{ord(character)};" for character in _TOKEN),
    "hexadecimal html": "".join(f"&#x{ord(character):x};" for character in _TOKEN),
    "hexadecimal digits": _TOKEN.encode().hex(),
    "capital hexadecimal digits": _TOKEN.encode().hex().upper(),
    "json's escape of a slash": _TOKEN.replace("/", "\\/"),
    "repr": repr(_TOKEN[:4] + "\x01" + _TOKEN[4:]),
    **{f"base64 after {n}": base64.b64encode(b"u" * n + _TOKEN.encode()).decode() for n in range(4)},
    "urlsafe base64": base64.urlsafe_b64encode(b"user:" + _TOKEN.encode() + b"?").decode(),
}

_CUT: dict[str, Any] = {"framing": "raw", "end": End.FIN}
_PLACES: dict[str, Any] = {
    "detail": lambda t: Answer(status=400, headers=_PROBLEM, pieces=[json.dumps({"detail": f"no {t}"}).encode()]),
    "code": lambda t: Answer(status=403, headers=_PROBLEM, pieces=[json.dumps({"code": t, "field": t}).encode()]),
    "event": lambda t: stream_answer(sse({"title": "no", "detail": t}, event="error")),
    "broken event": lambda t: stream_answer(b"event: error\ndata: " + t.encode("utf-8", "replace") + b"\n\n"),
    "media type": lambda t: Answer(headers={"Content-Type": f"text/{_line(t)}"}, pieces=[b"x"]),
    "encoding": lambda t: Answer(headers={**TEXT_EVENT_STREAM, "Content-Encoding": _line(t)}, pieces=[b"x"]),
    "redirect": lambda t: Answer(status=302, headers={"Location": f"https://gpo.example.com/{_line(t)}"}),
    "request id": lambda t: Answer(status=500, headers={"X-Request-ID": _line(t)}),
    "status line": lambda t: Answer(pieces=[b"HTTP/1.1 2x0 " + _line(t).encode() + b"\r\n\r\n"], **_CUT),
    "no HTTP": lambda t: Answer(pieces=[_line(t).encode() + b" HTTP/1.1\r\n\r\n"], **_CUT),
    "header line": lambda t: Answer(pieces=[b"HTTP/1.1 200 OK\r\n" + _line(t).encode() + b"\r\n\r\n"], **_CUT),
    "chunk size": lambda t: Answer(
        pieces=[
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            + _line(t).encode()
            + b"\r\n"
        ],
        **_CUT,
    ),
}


def _line(text: str) -> str:
    return text.replace("\r\n", "").encode("latin-1", "ignore").decode("latin-1")


@pytest.mark.parametrize("secret", ["token", "key"])
@pytest.mark.parametrize("spelling", ["plain", "a control character in it", "percent", "base64 after 2"])
@pytest.mark.parametrize("place", _PLACES)
async def test_whatever_is_sent_back(
    place: str, spelling: str, secret: str, connect_once: Connect, serve: Serve
) -> None:
    """The token of the request and the client's key, in each place of an answer that gets into texts."""
    given_back = _SPELLINGS[spelling] if secret == "token" else _SPELLINGS[spelling].replace(_TOKEN, _KEY)
    server = serve(then=lambda _: _PLACES[place](given_back))
    async with connect_once(base_url=server.base_url, api_key=_KEY) as client:
        errors: list[Any] = [(await outcome_of(client.chat_stream(_CONTEXT, QUESTION))).error]
        with pytest.raises(GPOClientError) as caught:
            await client.chat(_CONTEXT, QUESTION)
    for error in [*errors, caught.value]:
        assert isinstance(error, GPOClientError)
        _assert_hidden(error, given_back)


def _assert_hidden(error: BaseException, given_back: str) -> None:
    shown = "".join(traceback.format_exception(error, chain=True))
    lines = [line for line in shown.splitlines() if not line.startswith("  ")]
    own = {name: value for name, value in vars(error).items() if name not in ("partial", "last_event_id")}
    text = "\n".join([*lines, repr(error.args), str(error), repr(own)])
    for hidden in (_TOKEN, _KEY, given_back, _line(given_back), repr(given_back)[1:-1]):
        assert hidden not in text


@pytest.mark.parametrize("spelling", _SPELLINGS)
def test_spellings(spelling: str) -> None:
    """All that read as the token to somebody, or to a program."""
    masked = without_secrets(f"before {_SPELLINGS[spelling]} after", [_TOKEN])
    assert "**********" in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert _SPELLINGS[spelling][8:] not in masked


def test_all_of_a_secret_and_nothing_else() -> None:
    """From its first character to its last."""
    percent = "".join(f"%{ord(character):02x}" for character in _TOKEN)
    for given_back in (_TOKEN, f"{_TOKEN[:3]}\x01{_TOKEN[3:]}", percent):
        assert without_secrets(f"a{given_back}z", [_TOKEN]) == "a**********z"


_LONG = "".join(f"{number:03x}-" for number in range(200))
_SHORTENED: dict[str, Answer] = {
    "a long message": Answer(
        status=400, headers=_PROBLEM, pieces=[json.dumps({"title": "no", "detail": "x" * 3900 + _LONG}).encode()]
    ),
    "the name of an event": stream_answer(b"event: " + _LONG.encode() + b"\ndata: {}\n\n"),
    "the id of an event": stream_answer(*(b"id: %b:%d\ndata: {}\n\n" % (_LONG.encode(), number) for number in (1, 3))),
    "a page": Answer(pieces=[_LONG.encode()]),
    "an unknown member": stream_answer(json.dumps({_LONG: 1}).join(("data: ", "\n\ndata: [DONE]\n\n")).encode()),
    "plain text": stream_answer(b"event: error\ndata: no " + _LONG.encode() + b"\n\n"),
}


@pytest.mark.parametrize("place", _SHORTENED)
async def test_what_is_left_of_a_text(place: str, connect_once: Connect, serve: Serve) -> None:
    """Of long texts errors show the beginning: where that ends amid a token, it is masked as all of it is."""
    async with connect_once(base_url=serve(then=lambda _: _SHORTENED[place]).base_url) as client:
        context = ChatContext(session_id="session-1", token=Secret(_LONG))
        error = (await outcome_of(client.chat_stream(context, QUESTION))).error
    assert isinstance(error, GPOClientError)
    assert "**********" in str(error)
    _assert_hidden(error, _LONG[:12])


@pytest.mark.parametrize("spelling", ["plain", "percent", "json", "hex", "base64"])
@given(left=st.integers(12, len(_LONG)), after=st.sampled_from(["…", "'", " and more", ""]))
def test_beginnings(spelling: str, left: int, after: str) -> None:
    """In each spelling, from twelve characters on."""
    begun = {
        "plain": _LONG[:left],
        "percent": "".join(f"%{ord(character):02X}" for character in _LONG[:left]),
        "json": "".join(f"\\u{ord(character):04x}" for character in _LONG[:left]),
        "hex": _LONG[:left].encode().hex(),
        "base64": base64.b64encode(_LONG.encode()).decode()[: left * 8 // 6],
    }[spelling]
    assert without_secrets(f"no {begun}{after}", [_LONG], may_be_cut=True) == f"no **********{after}"


def test_secrets_that_begin_alike() -> None:
    """As all JSON Web Tokens of a service do."""
    one, other = "eyJhbGciOiJIUzI1NiJ9.e30.one", "eyJhbGciOiJIUzI1NiJ9.e30.other"
    assert without_secrets(f"{other} {one}", [one, other], may_be_cut=True) == "********** **********"


@pytest.mark.parametrize(("secret", "is_hidden"), [("s3cr3t", True), ("s3cr3", False)])
def test_secrets_of_few_characters(secret: str, is_hidden: bool) -> None:
    """Of 6 characters on they are looked for in errors; fewer may be a word of ours."""
    error = GPOClientError(f"no {secret} here")
    KnownSecrets(Secret(secret)).hide_in(error)
    assert (secret not in str(error)) is is_hidden


@given(st.text("ab\"\\/'", min_size=6, max_size=12))
def test_quotes_and_backslashes_in_secrets(secret: str) -> None:
    """As JSON escapes them, once and twice."""
    for written in (json.dumps(secret), json.dumps(json.dumps(secret))):
        assert "*" in without_secrets(f"before {written} after", [secret])


@given(
    st.text(), st.text(), st.lists(st.sampled_from(["%41", "\x01", "\\u0041", "&#65;", "a", "\\", "%", "&#", "\u200b"]))
)
def test_what_holds_no_secret_stays(before: str, after: str, odd: list[str]) -> None:
    """Whatever else there is of escapes; and a secret among them is found."""
    text = before + "".join(odd) + after
    assert without_secrets(text, [_TOKEN]) == text
    assert _TOKEN not in without_secrets(text + _TOKEN + text, [_TOKEN])


def test_causes() -> None:
    """Those of other libraries stay what they are if they can; else what they say is told without the secret."""
    error, cause, deeper = GPOClientError("x"), OSError(5, f"no {_TOKEN}"), ValueError(f"{_TOKEN} is none")
    bad = UnicodeDecodeError("utf-8", _TOKEN.encode(), 0, 1, "bad")
    error.__cause__, cause.__cause__, deeper.__context__ = cause, deeper, bad
    hide_secrets(error, [_TOKEN])
    _assert_hidden(error, _TOKEN)
    assert "builtins.OSError: [Errno 5] no **********" in "".join(traceback.format_exception(error))


def test_all_that_is_behind_an_error() -> None:
    """Causes and contexts, theirs too, each once, though they lead back."""
    error, first, second, third = (GPOClientError(f"{name} {_TOKEN}") for name in "abcd")
    error.__cause__, error.__context__, second.__cause__, third.__context__ = first, second, third, error
    first.__cause__ = plain = OSError(5, "is busy")
    hide_secrets(error, [_TOKEN])
    assert [one.message for one in (error, first, second, third)] == [f"{name} **********" for name in "abcd"]
    assert (error.__cause__, error.__context__, first.__cause__, plain.args) == (first, second, plain, (5, "is busy"))
    assert [one.__suppress_context__ for one in (error, first, second, third)] == [True, True, True, False]


def test_attributes_of_errors() -> None:
    """All texts, those of the problem too, but for where the stream goes on."""
    problem = Problem(detail=f"no {_TOKEN}", status=403)
    refused = PermissionDeniedError("x", status_code=403, problem=problem, code=_TOKEN)
    hide_secrets(refused, [_TOKEN])
    assert (refused.problem, refused.code) == (Problem(detail="no **********", status=403), "**********")
    cut = StreamInterruptedError("x", partial=StreamedResponse(content=_TOKEN), last_event_id=_TOKEN)
    hide_secrets(cut, [_TOKEN])
    assert (cut.last_event_id, cut.partial.content) == (_TOKEN, _TOKEN)


@pytest.mark.parametrize(("size", "long"), [(4096, False), (4097, True)])
def test_errors_of_much_text(size: int, long: bool) -> None:
    """That of a problem, or of a cause that is another library's; messages of ours are short."""
    by_problem = PermissionDeniedError("x", status_code=403, problem=Problem(status=403, detail="x" * size))
    by_cause, neither = GPOClientError("x"), GPOClientError("x" * size)
    by_cause.__cause__ = OSError("x" * size)
    assert [is_long(error) for error in (by_problem, by_cause, neither)] == [long, long, False]


def test_a_secret_that_is_sent_again_and_again() -> None:
    """It counts once: those before it are not forgotten for it, as they are for many others."""
    secrets = KnownSecrets()
    secrets.note(Secret(_KEY))
    for _ in range(150):
        secrets.note(Secret(_TOKEN))
    assert secrets.masked(f"{_KEY} {_TOKEN}") == "********** **********"
    for number in range(99):
        secrets.note(Secret(f"another-{number:04}"))
    assert secrets.masked(f"{_KEY} {_TOKEN}") == f"{_KEY} **********"
