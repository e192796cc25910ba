"""A newer service: what it adds is kept, what it leaves out reads as None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.client.conftest import Connect, Serve
from tests.client.scenarios import CONTEXT
from tests.support.events import chat_response, json_answer, page_of, source

_AT = "2026-11-01T08:00:00Z"
_USER = {
    "user_id": "ana",
    "email": None,
    "display_name": None,
    "is_active": True,
    "role_codes": ["NEW_ROLE"],
    "country_id": "XX",
    "user_type": "robot",
    "created_at": _AT,
    "last_seen_at": None,
    "shoe_size": 38,
}
_QUESTION = {
    "question_id": "msg_00",
    "conversation_id": "conv_01",
    "user_id": "ana",
    "question": "?",
    "asked_at": "2026-11-02T09:30:04Z",
    "user_type": "robot",
    "mood": "curious",
}
_TOTAL = {"total": 1, "by_day": [{"date": "2026-11-01", "count": 1, "mood": "sunny"}], "trend": "up"}


async def test_additions_are_kept(connect_once: Connect, serve: Serve) -> None:
    """Values that the contract does not list, and fields that it does not know."""
    answers = [page_of(_USER), page_of(_QUESTION), {"columns": ["question", "mood"]}, _TOTAL]
    server = serve(*map(json_answer, answers))
    async with connect_once(base_url=server.base_url) as client:
        (user,) = (await client.users.search(CONTEXT)).items
        assert (user.user_type, user.role_codes, user.additional_properties) == (
            "robot",
            ["NEW_ROLE"],
            {"shoe_size": 38},
        )
        (question,) = (await client.question_details.search(CONTEXT)).items
        assert (question.user_type, question.answer, question.liked) == ("robot", None, None)
        assert (await client.question_details.select_columns(CONTEXT)).columns == ["question", "mood"]
        total = await client.metrics.total_questions(CONTEXT)
        assert (total.additional_properties, total.by_day[0].additional_properties) == (
            {"trend": "up"},
            {"mood": "sunny"},
        )


_SOURCES = [source(additional_properties={"page": 3})]
_ANSWER = chat_response(sources=_SOURCES, confidence=0.5)
_MESSAGE = {
    "message_id": "m",
    "conversation_id": "c",
    "role": "robot",
    "content": "16 %",
    "created_at": _AT,
    "sources": _SOURCES,
    "mood": "good",
}


async def test_additions_to_answers_are_kept(connect_once: Connect, serve: Serve) -> None:
    """Also in the models that are written by hand, and in those inside them; never in their repr."""
    server = serve(json_answer(_ANSWER), json_answer(page_of(_MESSAGE)))
    async with connect_once(base_url=server.base_url) as client:
        answer = await client.chat(CONTEXT, {"query": "?"})
        (message,) = (await client.list_messages(CONTEXT, "c")).items
    assert (answer.additional_properties, message.additional_properties) == ({"confidence": 0.5}, {"mood": "good"})
    kept = {"additional_properties": {"page": 3}}
    assert [source.additional_properties for source in (*answer.sources, *message.sources)] == [kept, kept]
    assert "confidence" not in repr(answer)


def _without(answer: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != name}


_LEFT_OUT: dict[str, tuple[str, str, object, Callable[[Any], object], object]] = {
    "a field of an item": (
        *("users", "search", page_of(_without(_USER, "is_active"))),
        *(lambda page: page.items[0].is_active, None),
    ),
    "the count of a page": (
        *("users", "search", _without(page_of(_USER), "total_count")),
        *(lambda page: (len(page.items), page.total_count), (1, None)),
    ),
    "a field of a question": (
        *("question_details", "search", page_of(_without(_QUESTION, "asked_at"))),
        *(lambda page: (page.items[0].question, page.items[0].asked_at), ("?", None)),
    ),
    "a field of a metric": (
        "metrics",
        "total_questions",
        _without(_TOTAL, "by_day"),
        lambda it: (it.total, it.by_day),
        (1, []),
    ),
    "a day that is none": (
        *("metrics", "total_questions", {**_TOTAL, "by_day": [{"date": "today", "count": 1}]}),
        *(
            lambda it: (it.by_day[0].date, it.by_day[0].count, it.by_day[0].additional_properties),
            (None, 1, {"date": "today"}),
        ),
    ),
    "a name": (
        "reference",
        "countries",
        [{"country_id": "MX"}],
        lambda them: (them[0].country_id, them[0].name),
        ("MX", None),
    ),
    "a number that is none": (
        *("metrics", "opinion", {"liked": "many", "disliked": "2"}),
        *(lambda it: (it.liked, it.disliked, it.additional_properties), (None, 2, {"liked": "many"})),
    ),
}


@pytest.mark.parametrize("case", _LEFT_OUT)
async def test_what_is_left_out(case: str, connect_once: Connect, serve: Serve) -> None:
    """What only informs reads as None, and takes nothing else with it."""
    group, method, answer, found, expected = _LEFT_OUT[case]
    server = serve(json_answer(answer))
    async with connect_once(base_url=server.base_url) as client:
        assert found(await getattr(getattr(client, group), method)(CONTEXT)) == expected
