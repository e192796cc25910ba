"""Odd details of good answers, in each runtime: what they are read as, and that nothing else is lost."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest

from gpo_client import InvalidRequestError
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.support.events import chat_response, chunk, document, final, json_answer, session, source, sse, stream_answer
from tests.support.question import CONTEXT, QUESTION, SESSION, whole_answer
from tests.support.wire import Answer

#: What one chunk has besides, and what its sources then are: of each, the members that differ from a good one.
_SOURCES: dict[str, tuple[Any, dict[str, Any]]] = {
    "id 17": (source(id=17), {"id": "17"}),
    "no title": (source(title=None), {"title": None}),
    "only a title": ({"title": "RESICO"}, {"id": None, "relevance_score": None, "content_excerpt": None}),
    "null": (None, {"id": None, "title": None, "relevance_score": None, "content_excerpt": None}),
}
_GOOD = {"id": "src_01", "title": "RESICO", "relevance_score": 0.9, "url": None, "content_excerpt": "1 to 2.5 per cent"}


@pytest.mark.parametrize("case", _SOURCES)
async def test_odd_sources(case: str, connect_once: Connect, serve: Serve) -> None:
    """In a stream and in a whole answer: the text is there, and so is the source."""
    sent, differs = _SOURCES[case]
    last = json.dumps(final(content=" world", sources=[sent])).encode()
    server = serve(
        stream_answer(sse(chunk("Hello")), sse(last)),
        json_answer(json.dumps(chat_response("Hello world", sources=[sent])).encode()),
    )
    async with connect_once(base_url=server.base_url) as client:
        streamed = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
        answer = await client.chat(CONTEXT, QUESTION)
    assert (streamed.text, streamed.error) == ("Hello world", None)
    assert streamed.chunks[-1].is_complete
    assert answer.message_content == "Hello world"
    for sources in (streamed.chunks[-1].sources, answer.sources):
        assert sources is not None
        (found,) = sources
        expected = _GOOD | differs
        assert {name: getattr(found, name) for name in expected} == expected


#: What a chunk says in a member, in JSON, and what is read.
_CHUNKS: list[tuple[str, str, Any]] = [
    *(("is_complete", raw, False) for raw in ("null", "0", '"false"')),
    *(("metadata", raw, None) for raw in ("[]", '"x"', "NaN", "1e400")),
    *(("sources", raw, None) for raw in ("{}", "5")),
    ("content", r'"hi \ud83d bye"', "hi \ufffd bye"),
    ("content", r'"\ud83d\ude00"', "\U0001f600"),
]


@pytest.mark.parametrize(("name", "raw", "value"), _CHUNKS)
async def test_odd_chunks(name: str, raw: str, value: Any, connect_once: Connect, serve: Serve) -> None:
    """The text is whole, and the stream goes on to its end."""
    odd = json.dumps({"content": "b", "metadata": {}, name: "?"}).replace('"?"', raw)
    server = serve(stream_answer(sse(chunk("a")), sse(odd), sse(final(content="c"))))
    async with connect_once(base_url=server.base_url) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
    assert outcome.error is None
    assert outcome.text == "a" + (value if name == "content" else "b") + "c"
    assert getattr(outcome.chunks[1], name) == value
    assert outcome.chunks[-1].is_complete


async def test_odd_answer(connect_once: Connect, serve: Serve) -> None:
    """Half a character becomes U+FFFD; what cannot be read is kept as it came."""
    body = chat_response(model_used=["x"], response_time_ms=8.0, created_at="2026-11-02T09:30:05", sources=None)
    raw = json.dumps(body).encode().replace(b"1 to 2.5", rb"1 \ud83d to 2.5")
    async with connect_once(base_url=serve(json_answer(raw)).base_url) as client:
        answer = await client.chat(CONTEXT, QUESTION)
    assert answer.message_content == "1 \ufffd to 2.5 per cent."
    assert (answer.model_used, answer.response_time_ms, answer.sources) == (None, 8, [])
    assert answer.created_at.isoformat() == "2026-11-02T09:30:05+00:00"
    assert answer.additional_properties == {"model_used": ["x"]}


async def test_pages_of_unknown_size(connect_once: Connect, serve: Serve) -> None:
    """Without numbers a list goes on to its first empty page, and each item comes once."""
    documents = [document(document_id=f"doc_{number}", tags=None) for number in range(3)]
    odd = {"page": "first", "page_size": None, "total_count": -1}
    server = serve(*(json_answer({"items": items, **odd}) for items in (documents[:2], documents[2:], [])))
    async with connect_once(base_url=server.base_url) as client:
        page = await client.list_documents(CONTEXT)
        assert (page.page, page.page_size, page.total_count, page.is_last) == (None, None, None, False)
        assert page.additional_properties == {"page": "first", "total_count": -1}
        found = [item async for item in page]
    assert [(item.document_id, item.tags) for item in found] == [(f"doc_{number}", []) for number in range(3)]
    assert [request.target.partition("page=")[2][:1] for request in server.requests] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "expires_at",
    [
        *("2099-11-02T10:30:00", "2099-11-02T10:30:00.1234567", "9999-12-31T23:59:59.9999999Z"),
        *("9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00", "0001-01-01T00:00:00+01:00", "soon", None, 1790000000),
    ],
)
async def test_renewal_at_odd_times(expires_at: Any, connect: Connect, serve: Serve) -> None:
    """A token is renewed when its end is near, and used while nobody knows its end."""
    is_over = str(expires_at).startswith("0001")
    opened = json_answer(session("token-1", expires_at=expires_at))
    server = serve(opened, *([json_answer(session("token-2"))] if is_over else []), whole_answer())
    async with connect(base_url=server.base_url, auto_renew_token=True) as client:
        begun = await client.session(SESSION)
        await client.chat(begun.chat_context(), QUESTION)
    assert begun.expires_at is None or begun.expires_at.utcoffset() is not None
    assert server.requests[-1].headers["authorization"] == f"Bearer token-{2 if is_over else 1}"


@pytest.mark.parametrize(
    ("body", "says", "field"),
    [
        ({"detail": [{"loc": ["body", "query"], "msg": "too long"}]}, "too long", "query"),
        ({"errors": {"Query": ["is required"]}}, "is required", "Query"),
        ({"error": {"message": "context too long", "code": 7}}, "context too long", None),
        ({"title": "Bad", "detail": "really bad", "code": 4001, "status": "422"}, "really bad", None),
    ],
)
async def test_refusals_of_other_dialects(
    body: Any, says: str, field: str | None, connect_once: Connect, serve: Serve
) -> None:
    """The reason is in the error, and the field in its own place; in streams and calls alike."""
    raw = json.dumps(body).encode()
    server = serve(json_answer(raw, 422), json_answer(b"\xef\xbb\xbf" + raw, 422))  # with a byte order mark, too
    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(InvalidRequestError, match=says) as called:
            await client.chat(CONTEXT, QUESTION)
        streamed = (await outcome_of(client.chat_stream(CONTEXT, QUESTION))).error
    assert isinstance(streamed, InvalidRequestError)
    assert called.value.field == streamed.field == field


# --- Whole answers in all the ways that the contract, or HTTP, allows.

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
