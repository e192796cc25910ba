"""Lists: pages that fetch the pages after them, and what lists can be asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gpo_client import InvalidArgumentError, InvalidResponseError, MessageSearch
from tests.client.conftest import Connect, Serve
from tests.client.users import RESICO, open_session, somebody
from tests.support.events import document, json_answer, page_of, problem_answer
from tests.support.question import CONTEXT


async def _with_conversations(client: Any, count: int) -> Any:
    """A session of a user with some conversations, titled by number."""
    session = await open_session(client)
    for number in range(count):
        await client.start_conversation(session, {"title": f"conversation {number}"})
    return session


async def test_iteration_over_all_pages(client: Any) -> None:
    """A page iterates over its own items and those of all pages after it, each once."""
    async with client:
        session = await _with_conversations(client, 5)
        page = await client.list_conversations(session, page_size=2)
        titles = [item.title async for item in page]
        again = [item.title async for item in page]
        second = [item.title async for item in await client.list_conversations(session, page=2, page_size=2)]
    assert (len(page.items), page.page, page.page_size, page.total_count) == (2, 1, 2, 5)
    assert sorted(titles) == [f"conversation {number}" for number in range(5)]
    assert again == titles
    assert second == titles[2:]


async def test_next_page(client: Any) -> None:
    """Pages one by one, until there is none."""
    async with client:
        session = await _with_conversations(client, 3)
        page, sizes = await client.list_conversations(session, page_size=2), []
        while page is not None:
            sizes.append((page.page, len(page.items), page.is_last))
            page = await page.next_page()
        empty = await client.list_conversations(session, search_text="nothing has this title")
        assert await empty.next_page() is None
    assert sizes == [(1, 2, False), (2, 1, True)]
    assert (empty.items, empty.total_count, empty.is_last) == ([], 0, True)


async def test_iteration_asks_for_each_page_once(connect_once: Connect, serve: Serve) -> None:
    """Pages are fetched when the iteration comes to them, with the same question."""
    messages = [_message(number) for number in range(5)]
    server = serve(
        *(
            json_answer(page_of(*messages[at : at + 2], page=at // 2 + 1, page_size=2, total_count=5))
            for at in (0, 2, 4)
        )
    )
    async with connect_once(base_url=server.base_url) as client:
        page = await client.list_messages(CONTEXT, "conv/1 é", page_size=2)
        assert len(server.requests) == 1
        ids = [message.message_id async for message in page]
    assert ids == [f"msg_{number}" for number in range(5)]
    path = "/api/Chat/conv%2F1%20%C3%A9/message"
    assert [request.target for request in server.requests] == [
        f"{path}?page={number}&page_size=2" for number in (1, 2, 3)
    ]


async def _read(client: Any, seen: list[str]) -> None:
    async for message in await client.list_messages(CONTEXT, "conv_1", page_size=1):
        seen.append(message.message_id)  # noqa: PERF401 - the error must not lose them


async def test_error_on_a_later_page(connect_once: Connect, serve: Serve) -> None:
    """An iteration that cannot go on raises, after the items it had."""
    first = page_of(_message(1), page=1, page_size=1, total_count=2)
    server = serve(json_answer(first), problem_answer(500))
    seen: list[str] = []
    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(Exception, match="500"):
            await _read(client, seen)
    assert seen == ["msg_1"]


async def test_empty_page_is_the_last(connect_once: Connect, serve: Serve) -> None:
    """A count that promises more than there is does not send the iteration round for ever."""
    server = serve(json_answer(page_of(_message(1), total_count=100)), json_answer(page_of(page=2, total_count=100)))
    async with connect_once(base_url=server.base_url) as client:
        assert len([item async for item in await client.list_messages(CONTEXT, "conv_1")]) == 1


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ({"page": 1, "page_size": 1, "total_count": 2}, "page 2 was asked for and page 1 came"),
        ({}, "page 1 came again"),
        ({"page": 2, "page_size": 1, "total_count": 9}, "page 1 came again"),
    ],
    ids=["page 1", "no numbers", "the number that was asked for"],
)
async def test_same_page_for_ever(numbers: dict[str, int], told: str, connect_once: Connect, serve: Serve) -> None:
    """Nor does a service that does not count pages, or knows nothing of them."""
    first = {**numbers, "page": 1} if numbers else {}
    server = serve(
        json_answer({"items": [_message(1)], **first}), then=lambda _: json_answer({"items": [_message(1)], **numbers})
    )
    seen: list[str] = []
    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(InvalidResponseError, match=told):
            await _read(client, seen)
    assert (seen, len(server.requests)) == (["msg_1"], 2)


async def test_lists_of_conversations(client: Any) -> None:
    """By text, and the closed ones by date, given as a date, a datetime or a text."""
    async with client:
        session = await _with_conversations(client, 3)
        found = await client.list_conversations(session, search_text="conversation 1")
        assert [(item.title, item.message_count, item.last_message_at) for item in found.items] == [
            ("conversation 1", 0, None)
        ]
        closed = found.items[0].conversation_id
        await client.submit_handoff_feedback(session.chat_context(closed), {"is_clarified": True})
        today = datetime.now(UTC)
        for day in (today, today.date(), today.isoformat(), f"{today.date()}"):
            listed = await client.list_closed_conversations(session, from_date=day)
            assert [item.conversation_id for item in listed.items] == [closed]
        assert not (await client.list_closed_conversations(session, to_date=date(2020, 1, 1))).items
        assert not (await client.list_closed_conversations(session, from_date=today + timedelta(days=2))).items
        with pytest.raises(InvalidArgumentError, match="from_date"):
            await client.list_closed_conversations(session, from_date="next Tuesday")


async def test_messages(client: Any) -> None:
    """The messages of a conversation, in order, with the sources that were cited; searched by text."""
    async with client:
        conversation = await client.open_conversation(somebody())
        answer = await conversation.ask(RESICO)
        question, reply = (await client.list_messages(conversation.context)).items
        assert (question.role, question.content, question.sources) == ("user", RESICO, None)
        assert (reply.message_id, reply.content, reply.sources) == (
            answer.message_id,
            answer.message_content,
            answer.sources,
        )
        for request in ({"search_text": "under RESICO", "page_size": 1}, MessageSearch(search_text="under RESICO")):
            found = [item.content async for item in await client.search_messages(conversation.context, request)]
            assert RESICO in found
        with pytest.raises(InvalidArgumentError, match="names no conversation"):
            await client.list_messages({**_plain(conversation.context), "conversation_id": None})


async def test_deleting(client: Any) -> None:
    """Deleted conversations are gone; a single text is not taken for a list of letters."""
    async with client:
        session = await _with_conversations(client, 3)
        first, second, third = (await client.list_conversations(session)).items
        await client.delete_conversations(session, [first.conversation_id, second.conversation_id])
        left = await client.list_conversations(session)
        with pytest.raises(InvalidArgumentError, match="conversation_ids"):
            await client.delete_conversations(session, third.conversation_id)
    assert [item.conversation_id for item in left.items] == [third.conversation_id]


def _message(number: int) -> dict[str, Any]:
    usual = {"conversation_id": "conv_1", "role": "user", "content": "?", "created_at": "2026-11-01T12:00:00Z"}
    return {"message_id": f"msg_{number}", **usual}


def _plain(context: Any) -> dict[str, Any]:
    return {"session_id": context.session_id, "token": context.token}


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
