"""Starting, finding, reading and deleting conversations, and what users think of them."""

from datetime import UTC, datetime, timedelta

import pytest

from gpo_sandbox import RunningSandbox

from .conftest import Opener
from .visitor import Visitor


def _titles(visitor: Visitor, path: str = "/api/Chat/history", **params: object) -> list[str]:
    return [item["title"] for item in visitor.get(path, **params).raise_for_status().json()["items"]]


def test_a_conversation_keeps_what_it_was_started_with(visitor: Visitor) -> None:
    """Title, metadata and the choice of assistant are taken; it is active and greets."""
    body = {"title": "Impuestos", "metadata": {"channel": "web", "nested": {"list": [1, None, "ñ"]}}}
    started = visitor.post("/api/Chat/start-conversation?knowledge_assistant_tag=SAT", body).json()
    listed = visitor.get("/api/Chat/history").json()["items"][0]
    assert (started["title"], started["status"], started["metadata"]) == ("Impuestos", "active", body["metadata"])
    assert started["welcome_message"]
    assert listed == {**started, "message_count": 0, "last_message_at": None, "is_bookmarked": False}


def test_a_conversation_without_a_title_gets_one(visitor: Visitor) -> None:
    """The body may be an empty object."""
    assert visitor.post("/api/Chat/start-conversation", {}).json()["title"]


def test_the_session_in_the_body_must_be_the_users(visitor: Visitor, shared: RunningSandbox, visit: Opener) -> None:
    """A session of someone else is refused; an older one of the same user is fine, as after renewing a token."""
    stranger, older = visit(shared).session["session_id"], visitor.session["session_id"]
    visitor.renew()
    refused = visitor.post("/api/Chat/start-conversation", {"session_id": stranger})
    allowed = visitor.post("/api/Chat/start-conversation", {"session_id": older})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert refused.json()["field"] == "session_id"
    assert allowed.status_code == 200


def test_history_is_paged_and_ordered_by_activity(visitor: Visitor) -> None:
    """The most recently active conversation comes first, and a page after the last one is empty."""
    first, *_ = [visitor.start(f"number {number}") for number in range(5)]
    visitor.ask("What is IVA?", conversation_id=first)
    assert _titles(visitor) == ["number 0", "number 4", "number 3", "number 2", "number 1"]
    assert _titles(visitor, page=2, page_size=2) == ["number 3", "number 2"]
    beyond = visitor.get("/api/Chat/history", page=10**30, page_size=100).json()
    assert beyond == {"items": [], "page": 10**30, "page_size": 100, "total_count": 5}


def test_history_is_searched_in_titles_and_messages(visitor: Visitor) -> None:
    """A search ignores case and accents, and takes its text as it is."""
    visitor.start("Retención de ISR")
    asked = visitor.start("other")
    visitor.ask("¿Qué es la nómina 100%?", conversation_id=asked)
    assert _titles(visitor, search_text="RETENCION") == ["Retención de ISR"]
    assert _titles(visitor, search_text="nomina 100%") == ["other"]
    assert _titles(visitor, search_text="100_") == []


def test_closed_conversations_are_listed_by_day(visitor: Visitor) -> None:
    """Both days of the range are included; open conversations are not listed."""
    closed = visitor.start("closed")
    visitor.start("open")
    visitor.post("/api/Chat/handoff-feedback", {"conversation_id": closed, "is_clarified": True})
    path, today = "/api/Chat/ClosedConversations", datetime.now(UTC).date()
    days = [str(today + timedelta(days=offset)) for offset in (-1, 0, 1)]
    assert _titles(visitor, path) == ["closed"]
    assert _titles(visitor, path, from_date=days[0], to_date=days[2]) == ["closed"]
    assert _titles(visitor, path, to_date=days[0]) == []
    assert _titles(visitor, path, from_date=days[2]) == []
    assert visitor.get(path, to_date="9999-12-31", from_date="0001-01-01").json()["total_count"] == 1


def test_messages_are_listed_in_order(visitor: Visitor) -> None:
    """Questions and answers come oldest first, answers with their sources."""
    conversation_id = visitor.start()
    answer = visitor.ask("What is RESICO?", conversation_id=conversation_id)
    question, answered = visitor.messages(conversation_id)
    assert (question["role"], question["content"]) == ("user", "What is RESICO?")
    assert (answered["role"], answered["message_id"]) == ("assistant", answer["message_id"])
    assert answered["content"] == answer["message_content"]
    assert answered["sources"] == answer["sources"]


def test_messages_are_searched(visitor: Visitor) -> None:
    """The newest comes first, and only one's own messages are found."""
    visitor.ask("First question about the maquiladora regime")
    visitor.ask("Second question about the MAQUILADORA regime")
    found = visitor.post("/api/Messages/search", {"search_text": "question about the maquiladora"}).json()
    none = visitor.post("/api/Messages/search", {"search_text": "question about", "start_date": "9999-01-01"}).json()
    assert [item["content"].split()[0] for item in found["items"]] == ["Second", "First"]
    assert none["total_count"] == 0


def test_other_users_see_nothing(visitor: Visitor, shared: RunningSandbox, visit: Opener) -> None:
    """A conversation of someone else might as well not be there."""
    conversation_id = visitor.start("secret")
    visitor.ask("What is IVA?", conversation_id=conversation_id)
    stranger = visit(shared)
    statuses = [
        stranger.get(f"/api/Chat/{conversation_id}/message").status_code,
        stranger.post("/api/Chat", {"query": "And ISR?", "conversation_id": conversation_id}).status_code,
        stranger.post("/api/Ratings", {"conversation_id": conversation_id, "rating": 1}).status_code,
    ]
    deleted = stranger.http.request("DELETE", "/api/Chat", json=[conversation_id])
    assert statuses == [404, 404, 404]
    assert _titles(stranger) == []
    assert stranger.post("/api/Messages/search", {"search_text": "IVA"}).json()["total_count"] == 0
    assert deleted.status_code == 204
    assert _titles(visitor) == ["secret"]


def test_deleting(visitor: Visitor) -> None:
    """Conversations go with their messages; ids that are gone already are passed over."""
    kept, gone = visitor.start("kept"), visitor.start("gone")
    visitor.ask("What is IVA?", conversation_id=gone)
    for _ in range(2):
        assert visitor.http.request("DELETE", "/api/Chat", json=[gone, "conv_unknown"]).status_code == 204
    assert _titles(visitor) == ["kept"]
    assert visitor.get(f"/api/Chat/{gone}/message").status_code == 404
    assert visitor.messages(kept) == []


@pytest.mark.parametrize("like", [True, False, None])
def test_feedback_shows_on_the_message(visitor: Visitor, like: bool | None) -> None:
    """New feedback replaces what was said before."""
    answer = visitor.ask("What is IVA?")
    body = {"message_id": answer["message_id"], "feedback": "ñandú", "hand_off": False, "suggest_next_response": True}
    assert visitor.post("/api/Chat/feedback", {**body, "like": not like}).status_code == 204
    assert visitor.post("/api/Chat/feedback", {**body, "like": like}).status_code == 204
    question, answered = visitor.messages(answer["conversation_id"])
    assert answered.get("liked") is like
    assert "liked" not in question
