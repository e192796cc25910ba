"""Secrets: strings for whoever uses them, a mask where objects are shown."""

from __future__ import annotations

import base64
import copy
import hashlib
import io
import json
import logging
import pickle
import reprlib
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pprint import pformat
from string import Template
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

import attrs
import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from rich.console import Console
from rich.pretty import pretty_repr

from gpo_client import (
    ChatContext,
    ConfigurationError,
    GPOConfig,
    InvalidArgumentError,
    Secret,
    Session,
    SyncGPOCoreClient,
)
from gpo_client.logs import RedactionFilter
from gpo_client.models.secret import MASK, SHOWN

VALUE = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEyMyIsImV4cCI6MTc5NjAwMDAwMH0.c2lnbmF0dXJlLW9mLXRoaXMtdG9rZW4-x_"
TOKEN = Secret(VALUE)


@attrs.frozen
class Holder:
    """An object that holds a secret."""

    token: Secret


# --- Whoever uses it gets the value.


@pytest.mark.parametrize(
    "used",
    [
        str(TOKEN),
        f"{TOKEN}",
        f"{TOKEN:s}",
        "%s" % TOKEN,  # noqa: UP031 - that is the point
        "{}".format(TOKEN),  # noqa: UP032
        "%(token)s" % {"token": TOKEN},  # noqa: UP031
        format(TOKEN, ""),
        "".join([TOKEN]),
        "".join(TOKEN),
        Template("$token").substitute(token=TOKEN),
        TOKEN.reveal(),
        TOKEN.encode().decode(),
        json.loads(json.dumps({"token": TOKEN}))["token"],
        json.loads(json.dumps([TOKEN], indent=1))[0],
        msgspec.json.decode(msgspec.json.encode({"token": TOKEN}, enc_hook=str))["token"],
        parse_qs(urlencode({"token": TOKEN}))["token"][0],
        quote(TOKEN),
        httpx.URL("https://gpo.example.com/", params={"token": TOKEN}).params["token"],
        httpx.Request("GET", "https://gpo.example.com/", headers={"Token": TOKEN}).headers["token"],
        logging.LogRecord("name", 1, "path", 1, "%s", (TOKEN,), None).getMessage(),
    ],
)
def test_its_text_is_its_value(used: str) -> None:
    """As that of any string; and what it gives is a plain one."""
    assert type(used) is str
    assert used == VALUE


def test_padding_and_quoting() -> None:
    """Format specifications apply to the value."""
    assert f"{Secret('abc'):>5}" == "%5s" % Secret("abc") == "  abc"  # noqa: UP031
    assert f"{Secret('abc')!s}|{Secret('abc')!r}" == f"abc|{MASK}"


def test_orjson() -> None:
    """Where it is installed, it writes the value as well."""
    orjson = pytest.importorskip("orjson")
    assert orjson.loads(orjson.dumps({"token": TOKEN})) == {"token": VALUE}


def test_printing_it(capsys: pytest.CaptureFixture[str]) -> None:
    """``print`` prints strings."""
    print(TOKEN)
    assert capsys.readouterr().out == f"{VALUE}\n"


def test_it_compares_and_hashes_as_its_value() -> None:
    """It is a key among strings."""
    assert TOKEN == VALUE
    assert {VALUE: 1}[TOKEN] == 1
    assert hashlib.sha256(TOKEN.encode()).digest() == hashlib.sha256(VALUE.encode()).digest()
    assert base64.b64encode(TOKEN.encode()) == base64.b64encode(VALUE.encode())
    assert sorted([Secret("b"), "a"]) == ["a", "b"]


# --- What shows objects shows the mask.


def _in_a_traceback() -> str:
    try:
        raise LookupError({"token": TOKEN})
    except LookupError as error:
        stack = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(stack.format())


def _in_rich(value: object, **options: Any) -> str:
    screen = io.StringIO()
    Console(file=screen, width=1000).print(value, **options)
    return screen.getvalue()


_SHOWN: dict[str, Callable[[Any], str]] = {
    "repr": repr,
    "ascii": ascii,
    "!r": lambda token: f"{token!r}",
    "%r": lambda token: "%r" % (token,),  # noqa: UP031
    "list": lambda token: str([token]),
    "dictionary": lambda token: str({"t": token}),
    "attrs": lambda token: str(Holder(token)),
    "asdict": lambda token: str(attrs.asdict(Holder(token))),
    "context": lambda token: str(ChatContext(session_id="s", token=token)),
    "pprint": lambda token: pformat([{"token": token}], width=20),
    "reprlib": reprlib.repr,
    "error in a container": lambda token: repr(ValueError(token)),
    "slice": lambda token: repr(token[:80]),
    "rich": lambda token: _in_rich([token]),
    "rich, cut": lambda token: pretty_repr({"token": token}, max_string=80),
    "traceback": lambda _: _in_a_traceback(),
    "pieces": lambda token: f"{[*token]} {token.split('.')} {token.partition('.')}",
}


@pytest.mark.parametrize("shown", _SHOWN)
def test_shown(shown: str) -> None:
    """In none of the ways in which programs show objects is there a part of it."""
    text = _SHOWN[shown](TOKEN)
    assert SHOWN in text
    assert not any(VALUE[start : start + 6] in text for start in range(len(VALUE) - 6))


# --- A part of it is a secret, and so is what is made of it.

_MADE: dict[str, Callable[[str], Any]] = {
    "slice": lambda text: text[1:4],
    "step": lambda text: text[::-1],
    "character": lambda text: text[0],
    "characters": list,
    "reversed": lambda text: list(reversed(text)),
    "strip": lambda text: text.strip("a"),
    "lstrip": lambda text: text.lstrip("a"),
    "rstrip": lambda text: text.rstrip("a"),
    "split": lambda text: text.split("b"),
    "rsplit": lambda text: text.rsplit("b", 1),
    "splitlines": lambda text: text.splitlines(keepends=True),
    "partition": lambda text: text.partition("b"),
    "rpartition": lambda text: text.rpartition("b"),
    "removeprefix": lambda text: text.removeprefix("a"),
    "removesuffix": lambda text: text.removesuffix("a"),
    "replace": lambda text: text.replace("a", "bb"),
    "translate": lambda text: text.translate({97: "x"}),
    "upper": str.upper,
    "method": lambda text: text.upper(),
    "lower": lambda text: text.lower(),
    "casefold": lambda text: text.casefold(),
    "capitalize": lambda text: text.capitalize(),
    "title": lambda text: text.title(),
    "swapcase": lambda text: text.swapcase(),
    "expandtabs": lambda text: text.expandtabs(4),
    "center": lambda text: text.center(20),
    "ljust": lambda text: text.ljust(20, "-"),
    "rjust": lambda text: text.rjust(20),
    "zfill": lambda text: text.zfill(20),
    "join": lambda text: text.join(["x", "y"]),
    "format": lambda text: text.format("x"),
    "format_map": lambda text: text.format_map({"x": 1}),
    "modulo": lambda text: text % (),
    "added": lambda text: text + "x",
    "added to": lambda text: "Bearer " + text,
    "added together": lambda text: text + text,
    "times": lambda text: text * 2,
    "times, reversed": lambda text: 2 * text,
}
#: Called on the class, a method of str takes a secret for what it is to str.
_BY_THE_CLASS = {"upper"}


@given(st.text("abAB \t\n\u00dfé", min_size=1), st.sampled_from(sorted(_MADE.keys() - _BY_THE_CLASS)))
def test_parts_are_secrets(text: str, made: str) -> None:
    """Equal to what a plain string gives, and each a Secret."""
    plain, secret = _MADE[made](text), _MADE[made](Secret(text))
    assert plain == secret
    assert type(plain) in (type(secret), str)
    assert {type(part) for part in ([secret] if isinstance(secret, str) else secret)} <= {Secret}


_ARGUMENTS: list[list[Any]] = [[], ["x"], [0], [["x"]], [{}]]


def test_every_method_that_gives_text_is_decided() -> None:
    """A newer Python may add some."""
    gives_plain_text = {"__str__", "__repr__", "__format__", "__rmod__", "maketrans", "__getnewargs__", "__doc__"}
    for name in set(dir(str)) - set(dir(object)) - gives_plain_text:
        for arguments in _ARGUMENTS:
            try:
                given = getattr(Secret("x b"), name)(*arguments)
            except (TypeError, ValueError, LookupError):
                continue
            parts: Iterable[Any] = given if isinstance(given, list | tuple) else [given]
            assert not any(type(part) is str for part in parts), name


def test_one_made_at_run_time() -> None:
    """Its value and what begins with another text; the tables above are made before anything is tested."""
    token = Secret(VALUE)
    assert (type(token.reveal()), token.reveal()) == (str, VALUE)
    made = "Bearer " + token
    assert (type(made), str(made)) == (Secret, f"Bearer {VALUE}")


def test_adding_what_is_no_text() -> None:
    """Is the error that it is for strings."""
    for wrong in (lambda: TOKEN + 5, lambda: 5 + TOKEN, lambda: TOKEN + b"x"):  # type: ignore[operator]
        with pytest.raises(TypeError):
            wrong()


# --- Copies and pickles.


def test_a_copy_is_the_secret_itself() -> None:
    """What holds one can be copied."""
    for twin in (copy.copy(TOKEN), copy.deepcopy(TOKEN), copy.deepcopy([TOKEN])[0]):
        assert twin is TOKEN


_EXPIRY = datetime(2026, 11, 1, tzinfo=UTC)
_HOLDERS = [
    TOKEN,
    TOKEN[:5],
    [TOKEN],
    ChatContext(session_id="s", token=TOKEN),
    Session(session_id="s", token=TOKEN, expires_at=_EXPIRY, user_id="u"),
    GPOConfig(api_key=Secret("k3y"), proxy=Secret("http://u:pa55@proxy.example.com")),
]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("holder", _HOLDERS, ids=lambda holder: type(holder).__name__)
def test_pickles(holder: object, protocol: int) -> None:
    """By every protocol, alone or in something else; what comes back is masked as before."""
    twin = pickle.loads(pickle.dumps(holder, protocol))
    assert type(twin) is type(holder)
    assert twin == holder
    assert repr(twin) == repr(holder)
    assert VALUE not in repr(twin)


def test_a_pickled_session_is_good_for_calls() -> None:
    """A cache may hold it."""
    session = pickle.loads(pickle.dumps(_HOLDERS[4]))
    assert type(session.chat_context().token) is Secret
    assert session.chat_context().token == VALUE
    assert pickle.loads(pickle.dumps(GPOConfig(timeout=5))).origin("timeout") == GPOConfig(timeout=5).origin("timeout")


def test_pydantic() -> None:
    """Takes it for text."""
    assert TypeAdapter(str).validate_python(TOKEN) == VALUE
    assert json.loads(TypeAdapter(dict[str, str]).dump_json({"t": TOKEN})) == {"t": VALUE}


# --- The mask is no secret.


@pytest.mark.parametrize("mask", [SHOWN, MASK, f"Bearer {SHOWN}", f" {SHOWN}"])
def test_a_mask_is_no_token(mask: str) -> None:
    """Somebody has copied what was shown: said at once, with the reason, and not by the service's 401."""
    with pytest.raises(InvalidArgumentError, match=r"ChatContext\.token .*mask that repr\(\) shows") as of_context:
        ChatContext(session_id="s", token=mask)
    assert of_context.value.field == "token"
    with pytest.raises(InvalidArgumentError, match=r"Session\.token .*mask that repr\(\) shows"):
        Session(session_id="s", token=mask, expires_at=_EXPIRY, user_id="u")
    with SyncGPOCoreClient() as client, pytest.raises(InvalidArgumentError, match=r"mask that repr\(\) shows"):
        client.chat({"session_id": "s", "token": mask}, {"query": "q"})


def test_a_mask_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither key nor proxy nor a gateway's, from wherever; ``to_dict`` is for logs, not for making settings again."""
    proxy = f"http://u:{SHOWN}@proxy.example.com"
    for wrong in ({"api_key": SHOWN}, {"proxy": SHOWN}, {"proxy": proxy}, {"headers": {"X-Gateway-Key": SHOWN}}):
        with pytest.raises(ConfigurationError, match=r"mask that repr\(\) shows"):
            GPOConfig(**wrong)
    monkeypatch.setenv("GPO_API_API_KEY", SHOWN)
    with pytest.raises(ConfigurationError, match=r"mask that repr\(\) shows.*environment variable GPO_API_API_KEY"):
        GPOConfig.from_env()


def test_a_mask_is_no_header() -> None:
    """Nor is it in a field that names a credential; in others it is text like any."""
    context = ChatContext(session_id="s", token=TOKEN)
    refused = pytest.raises(InvalidArgumentError, match=r"Authorization .*mask that repr\(\) shows")
    with SyncGPOCoreClient() as client, refused:
        client.chat(context, {"query": "q"}, headers={"Authorization": f"Bearer {SHOWN}"})


# --- Whoever shows its text may still have it masked.


def test_logs_with_a_filter() -> None:
    """``RedactionFilter`` knows it by its type, whatever it looks like."""
    for arguments in (("token is %s", Secret("plain-and-simple")), ("%s", [Secret("plain-and-simple")])):
        record = logging.LogRecord("name", 1, "path", 1, arguments[0], (arguments[1],), None)
        RedactionFilter().filter(record)
        assert "plain-and-simple" not in record.getMessage()
