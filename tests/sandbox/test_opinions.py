"""Feedback and ratings."""

import pytest

from .visitor import Visitor


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


def test_ratings(visitor: Visitor) -> None:
    """A conversation can be rated again."""
    conversation_id = visitor.start()
    for rating in (1, 5):
        body = {"conversation_id": conversation_id, "rating": rating, "rating_comment": "bien"}
        assert visitor.post("/api/Ratings", body).status_code == 204


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/Chat/feedback", {}, "message_id"),
        ("/api/Chat/feedback", {"message_id": "m", "like": "yes"}, "like"),
        ("/api/Chat/feedback", {"message_id": "m", "feedback": "x" * 4097}, "feedback"),
        ("/api/Chat/handoff-feedback", {"conversation_id": "c"}, "is_clarified"),
        ("/api/Chat/handoff-feedback", {"is_clarified": True}, "conversation_id"),
        ("/api/Ratings", {"conversation_id": "c", "rating": 0}, "rating"),
        ("/api/Ratings", {"conversation_id": "c", "rating": 6}, "rating"),
        ("/api/Ratings", {"conversation_id": "c", "rating": 4.5}, "rating"),
        ("/api/Ratings", {"conversation_id": "c", "rating": True}, "rating"),
        ("/api/Ratings", {"rating": 3}, "conversation_id"),
    ],
)
def test_bad_opinions(visitor: Visitor, path: str, body: dict[str, object], field: str) -> None:
    """What breaks the contract is a 422 that names the field."""
    response = visitor.post(path, body)
    assert (response.status_code, response.json()["field"]) == (422, field)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/Chat/feedback", {"message_id": "msg_99", "like": True}, "message_id"),
        ("/api/Chat/handoff-feedback", {"conversation_id": "conv_99", "is_clarified": True}, "conversation_id"),
        ("/api/Ratings", {"conversation_id": "conv_99", "rating": 3}, "conversation_id"),
    ],
)
def test_opinions_on_nothing(visitor: Visitor, path: str, body: dict[str, object], field: str) -> None:
    """What does not exist cannot be judged."""
    response = visitor.post(path, body)
    assert (response.status_code, response.json()["field"]) == (404, field)
