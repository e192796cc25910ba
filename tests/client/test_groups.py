"""The groups of the client against the sandbox, in all runtimes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from gpo_client import ConflictError, InvalidArgumentError, InvalidRequestError, NotFoundError
from gpo_client.models import (
    DiscoverFile,
    MetricFilter,
    QuestionDetail,
    QuestionDetailSearch,
    QuestionMetricFilter,
    RatingSearch,
    UserEntry,
)
from tests.client.users import RESICO
from tests.support.runtimes import GROUPS


@asynccontextmanager
async def talked(client: Any) -> AsyncIterator[Any]:
    """A conversation in an instance of its own, in which something was asked, liked and rated."""
    async with client:
        instance = f"instance-{uuid4().hex[:8]}"
        conversation = await client.open_conversation(
            {"instance_id": instance, "user_id": f"ana-{instance}"}, title="Talk"
        )
        answer = await conversation.ask(RESICO)
        feedback = {"message_id": answer.message_id, "like": True, "feedback": "very clear"}
        await client.submit_feedback(conversation.context, feedback)
        await conversation.rate(5, comment="good")
        yield conversation.context


async def test_metrics_of_use(client: Any) -> None:
    """Conversations, users, questions and traffic, as a whole and in a window."""
    async with talked(client) as context:
        metrics = client.metrics
        for count in (metrics.total_conversations, metrics.total_engaged_users, metrics.total_questions):
            found = await count(context, window="today")
            assert (found.total, sum(day.count for day in found.by_day)) == (1, 1)
            assert (await count(context, window=("1 Nov 2020", "30 Nov 2020"))).total == 0
        traffic = await metrics.total_traffic(context)
        assert (traffic.conversation_count, traffic.question_count, traffic.answer_count) == (1, 1, 1)
        assert len(traffic.questions_by_hour) == 24
        (country,) = await metrics.traffic_distribution(context, MetricFilter(user_types=[]))
        assert (country.country_id, country.question_count, country.user_count) == (None, 1, 1)
        request = QuestionMetricFilter(search_text="no such text")
        assert (await metrics.total_questions(context, request)).total == 0


async def test_bookmarks(client: Any) -> None:
    """They show in the list of conversations."""
    async with talked(client) as context:
        for conversation_id in (None, context.conversation_id):
            await client.bookmarks.add(context, conversation_id)
            assert [item.is_bookmarked for item in (await client.list_conversations(context)).items] == [True]
            await client.bookmarks.remove(context, conversation_id)
            assert [item.is_bookmarked for item in (await client.list_conversations(context)).items] == [False]
        for act in (client.bookmarks.add, client.bookmarks.remove):
            with pytest.raises(NotFoundError):
                await act(context, "nobody")
            with pytest.raises(InvalidArgumentError, match="conversation_id"):
                await act({"session_id": context.session_id, "token": context.token})


async def test_ratings(client: Any) -> None:
    """Found by stars, words and time."""
    async with talked(client) as context:
        for request in (None, RatingSearch(search_text="GOOD"), {"rating_filters": {"rating_values": [5]}, "page": 1}):
            (rated,) = (await client.ratings.search(context, request, window="today")).items
            assert (rated.title, rated.rating, rated.rating_comment, rated.message_count) == ("Talk", 5, "good", 2)
        for nothing in ({"rating_filters": {"rating_values": [1]}}, {"filter": {"end_date": "1 Jan 2020"}}):
            assert not (await client.ratings.search(context, nothing)).items


async def test_question_details(client: Any) -> None:
    """Rows of questions with their answers, whose sources are the class that answers have too."""
    async with talked(client) as context:
        (row,) = (await client.question_details.search(context)).items
        for request in (QuestionDetailSearch(search_text="resico"), {"sort_column": "relevance_score"}):
            assert (await client.question_details.search(context, request)).items == [row]
        assert isinstance(row, QuestionDetail)
        assert (row.question, row.liked, row.feedback) == (RESICO, True, "very clear")
        assert row.relevance_score == max(source.relevance_score or 0.0 for source in row.sources or [])
        selected = await client.question_details.select_columns(context, ["question", "liked"])
        assert selected.columns == ["question", "liked"]
        assert (await client.question_details.select_columns(context)).columns == ["question", "liked"]
        export = await client.question_details.export(context)
        assert export.content.decode() == f"question,liked\r\n{RESICO},true\r\n"


async def test_pages(client: Any) -> None:
    """The pages of the groups go on by themselves, with the same question."""
    async with talked(client) as context:
        for number in range(4):
            await client.chat(context, {"query": f"Question {number}"})
        page = await client.question_details.search(context, {"page_size": 2, "sort_order": "Ascending"})
        assert [row.question async for row in page][1:] == [f"Question {number}" for number in range(4)]
        await client.users.save(context, [{"email": f"user{number}@example.com"} for number in range(4)])
        users = await client.users.search(context, page_size=2, sort_order="Descending")
        assert [user.email async for user in users] == [f"user{number}@example.com" for number in (3, 2, 1, 0)] + [None]


async def test_users(client: Any) -> None:
    """Saved as models and as mappings, found by role, activity and words."""
    async with talked(client) as context:
        saved = await client.users.save(
            context,
            [
                UserEntry(email="eva@example.com", role_codes=["REVIEWER"]),
                {"email": "bo@example.com", "is_active": False},
            ],
            idempotency_key="users-1",
        )
        assert [(user.user_id, user.is_active) for user in saved] == [
            ("eva@example.com", True),
            ("bo@example.com", False),
        ]
        found = [
            [user.email for user in (await client.users.search(context, **wanted)).items]
            for wanted in ({"role_codes": ["REVIEWER", "USER"]}, {"is_active": False}, {"search_text": "EVA"})
        ]
        assert found == [["eva@example.com"], ["bo@example.com"], ["eva@example.com"]]
        with pytest.raises(ConflictError) as caught:
            await client.users.save(context, [{"email": "eva@example.com", "user_id": "other"}])
    assert caught.value.code == "user_conflict"


async def test_filing(client: Any) -> None:
    """A file is filed by name, and a path is no name."""
    async with talked(client) as context:
        for request in ({"file_name": "resico.md", "category_name": "Ours"}, DiscoverFile(file_name="resico.md")):
            document = await client.save_discover_file(context, request)
            assert (document.file_name, document.category) == ("resico.md", "Ours")
        for name in ("../resico.md", "a/b", "a\\b", "..", ".", "", "a\nb", "a\0b"):
            with pytest.raises(InvalidArgumentError, match="file_name") as caught:
                await client.save_discover_file(context, {"file_name": name})
            assert caught.value.field == "request.file_name"


_BAD: dict[str, tuple[str, str, list[Any], str]] = {
    "unknown field": ("metrics", "opinion", [{"colour": "red"}], "request"),
    "wrong type": ("metrics", "opinion", [{"country_ids": "MX"}], "request.country_ids"),
    "unknown type of user": ("metrics", "total_questions", [{"user_types": ["alien"]}], "request.user_types[0]"),
    "no mapping": ("metrics", "opinion", ["last month"], "request"),
    "unknown field of a filter": ("ratings", "search", [{"filter": {"colour": "red"}}], "request.filter"),
    "filter of the wrong type": ("ratings", "search", [{"filter": 5}], "request.filter"),
    "unknown column": ("question_details", "select_columns", [["colour"]], "request.columns[0]"),
    "a single column": ("question_details", "select_columns", ["question"], "columns"),
    "a single user": ("users", "save", [{"email": "a@example.com"}], "users"),
    "no user": ("users", "save", [[5]], "users[0]"),
    "user without an address": ("users", "save", [[{"is_active": True}]], "request.users[0]"),
}


@pytest.mark.parametrize("case", _BAD)
async def test_bad_input(case: str, client: Any) -> None:
    """What cannot be sent is refused before anything is, by name."""
    group, method, arguments, field = _BAD[case]
    async with client:
        with pytest.raises(InvalidArgumentError) as caught:
            await getattr(getattr(client, group), method)({"session_id": "s", "token": "t"}, *arguments)
    assert caught.value.field == field


@pytest.mark.parametrize("request_", [{"page": 0}, {"page_size": 0}, {"page_size": 101}])
async def test_page_out_of_range(request_: dict[str, int], client: Any) -> None:
    """The service says which number it does not accept."""
    (name,) = request_
    async with talked(client) as context:
        with pytest.raises(InvalidRequestError) as caught:
            await client.list_documents(context, **request_)
        assert caught.value.field == name
        for search in (client.ratings.search, client.question_details.search, client.metrics.user_feedback):
            with pytest.raises(InvalidRequestError) as caught:
                await search(context, request_)
            assert caught.value.field == name
        with pytest.raises(InvalidRequestError) as caught:
            await client.users.search(context, **request_)
    assert caught.value.field == name


async def test_groups_cost_nothing(client: Any) -> None:
    """They belong to their client, and neither keep it open nor open anything."""
    async with client:
        for name in GROUPS:
            assert getattr(client, name) is not None
    with pytest.raises(Exception, match="closed"):
        await client.reference.countries({"session_id": "s", "token": "t"})
