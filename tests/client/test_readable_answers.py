"""Whole answers in all the ways that the contract, or HTTP, allows."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from tests.client.conftest import Connect, Serve
from tests.support.events import chat_response, source
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import Answer

_JSON = {"Content-Type": "application/json"}
_GZIP = {**_JSON, "Content-Encoding": "gzip"}
_BODY = json.dumps(chat_response()).encode()
_TYPES: list[dict[str, str]] = [
    {},
    *({"Content-Type": name} for name in ("text/json", "application/vnd.gpo.v1+json", "text/plain; charset=utf-8")),
    {"Content-Type": "application/octet-stream"},
]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (_GZIP, gzip.compress(_BODY, mtime=0)),
        (_GZIP, gzip.compress(_BODY[:9], mtime=0) + gzip.compress(_BODY[9:], mtime=0)),
        ({**_JSON, "Content-Encoding": "deflate"}, zlib.compress(_BODY)),
        ({**_JSON, "Content-Encoding": "identity"}, _BODY),
        ({"Content-Type": "application/json; charset=utf-8"}, _BODY),
        ({"Content-Type": "Application/JSON"}, _BODY),
        (_JSON, json.dumps(chat_response(colour="red", sources=[source(colour="red")])).encode()),
        (_JSON, b"\n" + _BODY + b"\n"),
        ({**_JSON, "Content-Encoding": "none"}, _BODY),
        *((headers, _BODY) for headers in _TYPES),
        (_JSON, b"\xef\xbb\xbf" + _BODY),
        ({"Content-Type": "application/json; charset=utf-16"}, _BODY.decode().encode("utf-16")),
        ({"Content-Type": "application/json; charset=iso-8859-1"}, _BODY.replace(b"RESICO", b"R\xc9SICO")),
        (_JSON, _BODY[:-1] + b', "x": NaN, "x": 1e400}'),
        (_JSON, _BODY[:-1] + b', "x": "\\ud800"}'),
    ],
)
async def test_readable(headers: dict[str, str], body: bytes, connect_once: Connect, serve: Serve) -> None:
    """What the contract, or HTTP, allows is read."""
    async with connect_once(base_url=serve(Answer(headers=headers, pieces=[body])).base_url) as client:
        answer = await client.chat(CONTEXT, QUESTION)
    assert answer.message_content == chat_response()["message_content"]
