"""A newer service: what it adds is kept, what it leaves out reads as None."""

from __future__ import annotations

from tests.client.conftest import Connect, Serve
from tests.support.events import chat_response, json_answer, page_of, source
from tests.support.question import CONTEXT

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
