"""Whole answers in all the ways that the contract, or HTTP, allows."""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from tests.client.conftest import Connect, Serve
from tests.client.scenarios import CONTEXT, QUESTION
from tests.support.events import chat_response, conversation, document, json_answer, page_of, source
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
    server = serve(Answer(headers=headers, pieces=[body]))
    async with connect_once(base_url=server.base_url) as client:
        answer = await client.chat(CONTEXT, QUESTION)
    assert answer.message_content == chat_response()["message_content"]


@pytest.mark.parametrize(
    "time",
    [
        *("2026-11-01T12:00:00Z", "2026-11-01T06:00:00-06:00", "2026-11-01T12:00:00.123456789Z"),
        *("2026-11-01T12:00:00.1Z", "2026-11-01t12:00:00z", "2026-11-01 12:00:00", "2026-11-01T12:00:00+0000"),
    ],
)
async def test_times(time: str, connect_once: Connect, serve: Serve) -> None:
    """A time of RFC 3339 is read the same by models of either kind."""
    server = serve(json_answer(chat_response(created_at=time)), json_answer(conversation(created_at=time)))
    async with connect_once(base_url=server.base_url) as client:
        answer = await client.chat(CONTEXT, QUESTION)
        begun = await client.start_conversation(CONTEXT)
    assert begun.created_at == answer.created_at
    assert abs(answer.created_at - datetime(2026, 11, 1, 12, tzinfo=UTC)) < timedelta(seconds=1)


async def test_absent_and_unknown(connect_once: Connect, serve: Serve) -> None:
    """Absent optional fields read as None; words that a newer service knows are text."""
    body = conversation(status="hibernating")
    server = serve(json_answer(body), json_answer(page_of(document())))
    async with connect_once(base_url=server.base_url) as client:
        begun = await client.start_conversation(CONTEXT)
        listed = (await client.list_documents(CONTEXT)).items[0]
    assert (begun.status, begun.welcome_message, begun.metadata) == ("hibernating", None, None)
    absent = ("category", "sub_category", "solution", "summary")
    assert [attrs.asdict(listed)[name] for name in absent] == [None] * 4
