"""What a server says is no command to whoever prints or logs it."""

from __future__ import annotations

import json
import unicodedata

import pytest

from gpo_client import GPOClientError
from gpo_client.exceptions import APIStatusError
from tests.client.conftest import Connect, Serve, connect_once, serve
from tests.client.outcomes import outcome_of
from tests.support.events import problem, sse, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import Answer, End

__all__ = ["connect_once", "serve"]

_EVIL = "a\r\n2026-11-01 INFO all is well \x1b[2J\x07\x9b31m \u202e b"
_PROBLEM = {"Content-Type": "application/problem+json"}
_FIELDS = ("detail", "title", "code", "field", "request_id")

_ANSWERS = {
    "problem": Answer(status=400, headers=_PROBLEM, pieces=[json.dumps(dict.fromkeys(_FIELDS, _EVIL)).encode()]),
    "half a character": Answer(status=400, headers=_PROBLEM, pieces=[rb'{"detail": "\ud800"}']),
    "event": stream_answer(sse(problem(500, detail=_EVIL), event="error")),
    "broken event": stream_answer(b"event: error\ndata: \x1b[2J\x07\n\n"),
    "media type": Answer(headers={"Content-Type": "\x1b[31mtext"}, pieces=[b"x"]),
    "redirect": Answer(status=302, headers={"Location": "https://user:pa55@gpo.example.com\x1b[31m/?token=t0k3n"}),
    "redirect to nowhere": Answer(status=302, headers={"Location": "http://[evil"}),
    "redirect without a word": Answer(status=302),
    "request id": Answer(status=500, headers={"X-Request-ID": "\x1b[31mevil"}),
    "endless request id": Answer(status=500, headers={"X-Request-ID": "x" * 5000}),
    "no HTTP": Answer(framing="raw", pieces=[b"\x1b[2Jhello\r\n\r\n"], end=End.FIN),
    "at length": Answer(status=400, headers=_PROBLEM, pieces=[json.dumps({"detail": "x" * 60_000}).encode()]),
}


@pytest.mark.parametrize("answer", _ANSWERS)
async def test_messages_are_single_printable_lines(answer: str, connect_once: Connect, serve: Serve) -> None:
    """In whatever part of an answer they came; ids that cannot be printed are not taken over."""
    server = serve(then=lambda _: _ANSWERS[answer])
    async with connect_once(base_url=server.base_url) as client:
        streamed = (await outcome_of(client.chat_stream(CONTEXT, QUESTION))).error
        with pytest.raises(GPOClientError) as called:
            await client.chat(CONTEXT, QUESTION)
    for error in (streamed, called.value):
        assert isinstance(error, GPOClientError)
        assert str(error) == error.message
        assert _unprintable(str(error)) == []
        assert len(str(error)) < 5000
        assert "pa55" not in str(error)
        assert "t0k3n" not in str(error)
        assert error.request_id is not None
        assert error.request_id == server.requests[0].headers["x-request-id"] or _is_id(error.request_id)


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("https://ana:pa55@gpo.example.com:8443/x?token=t0k3n#t0k3n", "https://gpo.example.com:8443/x;"),
        ("https://ana:pa/55@gpo.example.com/x", "an address that is none;"),
        ("https:ana:pa55@gpo.example.com/x", "gpo.example.com/x;"),
    ],
)
async def test_where_a_redirect_points(location: str, told: str, connect_once: Connect, serve: Serve) -> None:
    """Its host and path, and not who was to ask there: neither user nor password nor parameters."""
    server = serve(then=lambda _: Answer(status=307, headers={"Location": location}))
    async with connect_once(base_url=server.base_url) as client:
        streamed = (await outcome_of(client.chat_stream(CONTEXT, QUESTION))).error
        with pytest.raises(GPOClientError) as called:
            await client.chat(CONTEXT, QUESTION)
    for error in (streamed, called.value):
        assert f"redirects (307) to {told} redirects are not followed: set base_url to" in str(error)
        assert not [secret for secret in ("ana", "pa55", "t0k3n") if secret in f"{error!r} {vars(error)}"]


def _unprintable(text: str) -> list[str]:
    return [character for character in text if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isprintable() and len(text) <= 200


async def test_the_problem_is_kept_as_it_came(connect_once: Connect, serve: Serve) -> None:
    """For programs, which do not print it."""
    async with connect_once(base_url=serve(_ANSWERS["problem"]).base_url) as client:
        with pytest.raises(APIStatusError) as caught:
            await client.chat(CONTEXT, QUESTION)
    found = caught.value.problem
    assert found is not None
    assert (found.detail, found.code, caught.value.code) == (_EVIL, _EVIL, _EVIL)
