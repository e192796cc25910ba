"""Ratings and questions, found and exported."""

import csv
import io
from datetime import datetime
from typing import Any

import pytest

from gpo_sandbox.requests import ConversationRating, ConversationRequest, RatingExport
from gpo_sandbox.store.conversations import Conversations
from gpo_sandbox.store.database import Database
from gpo_sandbox.store.messages import Opinions
from gpo_sandbox.store.reports import Ratings
from gpo_sandbox.store.sessions import Caller

from .visitor import Visitor

ALL_COLUMNS = 15


def rows_of(text: str) -> list[dict[str, str]]:
    """Read a CSV file."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def rated(visitor: Visitor, title: str, rating: int, comment: str | None = None) -> str:
    """Rate a new conversation."""
    conversation_id = visitor.start(title)
    body = {"conversation_id": conversation_id, "rating": rating, "rating_comment": comment}
    visitor.post("/api/Ratings", body).raise_for_status()
    return conversation_id


@pytest.fixture
def three(ana: Visitor, ben: Visitor) -> list[str]:
    """Three ratings."""
    return [
        rated(ana, "Ábaco", 5, 'bien, muy "bien"\r\nde verdad'),
        rated(ben, "Banks", 2),
        rated(ana, "Coal", 3, "so"),
    ]


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        ({}, ["Coal", "Banks", "Ábaco"]),
        ({"sort_order": "Ascending"}, ["Ábaco", "Banks", "Coal"]),
        ({"sort_column": "rating"}, ["Ábaco", "Coal", "Banks"]),
        ({"sort_column": "title", "sort_order": "Ascending"}, ["Ábaco", "Banks", "Coal"]),
        ({"search_text": "abaco"}, ["Ábaco"]),
        ({"search_text": "VERDAD"}, ["Ábaco"]),
        ({"rating_filters": {"rating_values": [2, 3]}}, ["Coal", "Banks"]),
        ({"rating_filters": {"rating_values": []}}, ["Coal", "Banks", "Ábaco"]),
        ({"rating_filters": {"is_comment_not_provided": True}}, ["Banks"]),
        ({"rating_filters": {"is_comment_not_provided": False}}, ["Coal", "Ábaco"]),
        ({"filter": {"end_date": "2020-01-01T00:00:00Z"}}, []),
        ({"filter": {"min_response_time_s": 0}}, []),
    ],
)
@pytest.mark.usefixtures("three")
def test_ratings(ben: Visitor, wanted: dict[str, Any], titles: list[str]) -> None:
    """A search and an export find the same, in the same order."""
    page = ben.post("/api/Ratings/filter", wanted).raise_for_status().json()
    assert ([item["title"] for item in page["items"]], page["total_count"]) == (titles, len(titles))
    export = ben.post("/api/Ratings/export", wanted).raise_for_status()
    assert [row["title"] for row in rows_of(export.text)] == titles


def test_export_of_ratings(three: list[str], ana: Visitor) -> None:
    """CSV as in RFC 4180, with everything that a search tells, in the time zone that was asked for."""
    export = ana.post("/api/Ratings/export", {"time_zone": "America/Mexico_City", "sort_order": "Ascending"})
    assert export.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert export.headers["Content-Disposition"] == 'attachment; filename="ratings.csv"'
    assert export.headers["Transfer-Encoding"] == "chunked"
    found = ana.post("/api/Ratings/filter", {"sort_order": "Ascending"}).json()["items"]
    assert [row["conversation_id"] for row in rows_of(export.text)] == three
    for row, item in zip(rows_of(export.text), found, strict=True):
        assert datetime.fromisoformat(row.pop("rated_at")) == datetime.fromisoformat(item.pop("rated_at"))
        assert row == {key: "" if value is None else f"{value}" for key, value in item.items()}
    assert "-06:00," in export.text
    assert export.text.endswith("\r\n")


def test_questions(ana: Visitor, ben: Visitor) -> None:
    """Each question with its own answer, even when it was asked twice in one conversation."""
    first = ana.ask("What is IVA?")
    second = ana.ask("What is RESICO?", conversation_id=first["conversation_id"])
    ana.post(
        "/api/Chat/feedback", {"message_id": second["message_id"], "like": True, "feedback": "ñ"}
    ).raise_for_status()
    page = ben.post("/api/QuestionDetails", {}).raise_for_status().json()
    newest, oldest = page["items"]
    assert (newest["question"], newest["message_id"]) == ("What is RESICO?", second["message_id"])
    assert (newest["answer"], newest["sources"]) == (second["message_content"], second["sources"])
    assert newest["relevance_score"] == max(source["relevance_score"] for source in second["sources"])
    assert (newest["response_time_ms"], newest["liked"], newest["feedback"]) == (second["response_time_ms"], True, "ñ")
    assert (oldest["question"], oldest["message_id"]) == ("What is IVA?", first["message_id"])
    assert "liked" not in oldest


def test_question_without_an_answer(ana: Visitor, ben: Visitor) -> None:
    """A question whose answer is still being written, or never was, is a row too."""
    ana.stream_partly("What is IVA?", 1)
    ben.ask("What is RESICO?")
    wanted = {"sort_column": "question", "sort_order": "Ascending"}
    asked = ben.post("/api/QuestionDetails", wanted).raise_for_status().json()["items"]
    assert [row["question"] for row in asked] == ["What is IVA?", "What is RESICO?"]


@pytest.mark.parametrize("column", ["asked_at", "question", "response_time_ms", "relevance_score"])
def test_order_of_questions(ana: Visitor, column: str) -> None:
    """Either way, with the same rows."""
    for question in ("What is RESICO?", "What is IVA?", "zzz qqq", "What is IMMEX?"):
        ana.ask(question)
    up, down = (
        ana.post("/api/QuestionDetails", {"sort_column": column, "sort_order": order}).json()["items"]
        for order in ("Ascending", "Descending")
    )
    assert up == down[::-1]
    keys = [row.get(column) for row in up]
    assert keys == sorted(keys, key=lambda key: (key is not None, str(key) if isinstance(key, str) else key or 0))


def test_columns(ana: Visitor, ben: Visitor) -> None:
    """A user's exports have the columns that the user chose, in that order; at first they have all."""
    ana.ask("What is IVA?")
    (everything,) = rows_of(ana.post("/api/QuestionDetails/export", {}).raise_for_status().text)
    assert len(everything) == ALL_COLUMNS
    select, columns = "/api/QuestionDetails/UserSelectedColumns", ["question", "liked", "sources", "asked_at"]
    assert ana.post(select, {}).raise_for_status().json()["columns"] == list(everything)
    assert ana.post(select, {"columns": columns}).raise_for_status().json() == {"columns": columns}
    assert ana.post(select, {"columns": None}).raise_for_status().json() == {"columns": columns}
    (chosen,) = rows_of(ana.post("/api/QuestionDetails/export", {}).text)
    assert chosen == {name: everything[name] for name in columns}
    assert len(rows_of(ben.post("/api/QuestionDetails/export", {}).text)[0]) == ALL_COLUMNS
    twice = ana.post(select, {"columns": ["question", "question"]})
    assert (twice.status_code, twice.json()["field"]) == (422, "columns")


def test_rows_are_read_when_they_are_written() -> None:
    """The rows are chosen at once; what is deleted before its turn is left out."""
    database = Database(":memory:")
    conversations, opinions = Conversations(database), Opinions(database)
    caller = Caller(session_id="ses_1", user_id="ana", instance_id="here", expires_at=0.0, revoked_at=None)
    first, second, third = (conversations.start(caller, ConversationRequest()).conversation_id for _ in range(3))
    for conversation_id in (first, second, third):
        opinions.rate(ConversationRating(conversation_id=conversation_id, rating=3))
    rows = Ratings(database).each(caller, RatingExport(sort_order="Ascending"))
    assert next(rows).conversation_id == first
    conversations.delete(caller, [second])
    assert [row.conversation_id for row in rows] == [third]
    database.close()
