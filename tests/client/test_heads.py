"""Answers remember the head that they came with, in both clients and in the three runtimes."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import attrs

from gpo_client import ChatContext, Page, Secret
from gpo_client.models import AnswerList
from tests.client.conftest import Connect, Serve
from tests.support.events import answer_events, conversation, json_answer, page_of, session, stream_answer
from tests.support.question import QUESTION
from tests.support.wire import Answer

_CONTEXT = ChatContext(session_id="session-1", token=Secret("t0k3n"))
_HEAD = {"X-Request-ID": "req-7", "Set-Cookie": "session=s3cr3t", "X-Served-By": "node-3"}


def _with_head(answer: Answer) -> Answer:
    return attrs.evolve(answer, headers={**answer.headers, **_HEAD})


def _assert_head(answer: Any) -> None:
    assert answer.request_id == "req-7"
    assert answer.response_headers["x-served-by"] == "node-3"
    assert not any("cookie" in name or "s3cr3t" in value for name, value in answer.response_headers.items())
    assert "node-3" not in f"{answer!r} {answer.to_json()}"


async def test_every_kind_of_answer(connect_once: Connect, serve: Serve) -> None:
    """Models written by hand and generated ones, pages, lists, downloads and streams."""
    server = serve(
        *map(
            _with_head,
            [
                json_answer(session("t0k3n")),
                json_answer(conversation()),
                json_answer(page_of()),
                json_answer([{"category_id": "c", "name": "Taxes", "type": "Category"}]),
                Answer(headers={"Content-Type": "application/pdf"}, pieces=[b"%PDF"]),
                stream_answer(*answer_events("a")),
            ],
        )
    )
    async with connect_once(base_url=server.base_url) as client:
        _assert_head(await client.session({"instance_id": "i", "user_id": "u"}))
        _assert_head(await client.start_conversation(_CONTEXT))
        page = await client.list_conversations(_CONTEXT)
        _assert_head(page)
        categories = await client.list_document_categories(_CONTEXT)
        assert type(categories) is AnswerList
        _assert_head(categories)
        _assert_head(await client.download_document(_CONTEXT, "d"))
        async with client.chat_stream(_CONTEXT, QUESTION) as stream:
            _assert_head(await stream.collect())
            _assert_head(stream.partial)
    page = getattr(page, "_blocking", page)  # of the blocking client, without the facade of these tests
    for twin in (copy.copy(page), copy.deepcopy(page)):
        assert type(twin) is type(page)
        assert (twin, twin.request_id) == (page, "req-7")
    alone = pickle.loads(pickle.dumps(page))
    assert (type(alone), alone.items, alone.request_id) == (Page, page.items, "req-7")


async def test_the_id_that_was_sent(connect_once: Connect, serve: Serve) -> None:
    """Where the service tells none, it is under this that its operators may find the request."""
    server = serve(json_answer(conversation()))
    async with connect_once(base_url=server.base_url) as client:
        answer = await client.start_conversation(_CONTEXT)
    assert answer.request_id == server.requests[0].headers["x-request-id"]
