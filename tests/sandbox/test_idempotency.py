"""Requests that create something can be repeated."""

import pytest

from .visitor import ROYALTIES, Visitor, content_of

_CREATING = [
    ("/api/Chat/start-conversation", {"title": "once"}, {"title": "twice"}),
    ("/api/Chat", {"query": "What is IVA?"}, {"query": "What is ISR?"}),
    ("/api/Chat/SensitiveDataSupport", {"query": "My mail is ana@example.com"}, {"query": "No mail"}),
    ("/api/Ratings", {"conversation_id": "{conversation}", "rating": 5},
     {"conversation_id": "{conversation}", "rating": 4}),
    ("/api/Chat/feedback", {"message_id": "{message}", "like": True}, {"message_id": "{message}", "like": False}),
    ("/api/Chat/handoff-feedback", {"conversation_id": "{conversation}", "is_clarified": False},
     {"conversation_id": "{conversation}", "is_clarified": True}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "other"), _CREATING, ids=[path for path, *_ in _CREATING])
def test_repeating(visitor: Visitor, path: str, body: dict[str, object], other: dict[str, object]) -> None:
    """The same key and body have the same outcome; with another body the key is taken."""
    asked = visitor.ask("What is IVA?")
    known = {"{conversation}": asked["conversation_id"], "{message}": asked["message_id"]}
    body, other = ({name: known.get(str(value), value) for name, value in it.items()} for it in (body, other))
    first, again = (visitor.post(path, body, key="key-1") for _ in range(2))
    conflict = visitor.post(path, other, key="key-1")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.is_success
    assert (conflict.status_code, conflict.json()["code"]) == (409, "idempotency_key_reused")
    assert conflict.json()["field"] == "Idempotency-Key"


def test_the_order_of_fields_and_defaults_do_not_matter(visitor: Visitor) -> None:
    """Two ways to write the same request are the same request."""
    one = visitor.post("/api/Chat", {"query": "What is IVA?", "client_metadata": {"a": 1, "b": 2}}, key="key-1")
    body = {"client_metadata": {"b": 2, "a": 1}, "use_openai": True, "query": "What is IVA?", "stream": False}
    assert visitor.post("/api/Chat", body, key="key-1").json() == one.json()


def test_the_query_parameters_matter(visitor: Visitor) -> None:
    """Another assistant is another request."""
    visitor.post("/api/Chat/start-conversation?knowledge_assistant_tag=CE", {}, key="key-1")
    other = visitor.post("/api/Chat/start-conversation?knowledge_assistant_tag=DE", {}, key="key-1")
    assert other.status_code == 409


def test_one_key_is_not_good_for_two_operations(visitor: Visitor) -> None:
    """The operation is part of the request."""
    visitor.post("/api/Chat/start-conversation", {}, key="key-1")
    assert visitor.post("/api/Chat", {"query": "x"}, key="key-1").status_code == 409


def test_a_refused_request_can_be_repeated_once_it_is_right(visitor: Visitor) -> None:
    """Only what was done is remembered."""
    refused = visitor.post("/api/Ratings", {"conversation_id": "conv_99", "rating": 5}, key="key-1")
    done = visitor.post("/api/Ratings", {"conversation_id": visitor.start(), "rating": 5}, key="key-1")
    assert (refused.status_code, done.status_code) == (404, 204)


def test_streamed_and_whole_are_the_same_request(visitor: Visitor) -> None:
    """`stream` says how the answer is delivered, not what is asked: both ways round."""
    events = visitor.stream(ROYALTIES, key="key-1")
    whole = visitor.ask(ROYALTIES, key="key-1")
    assert whole["message_content"] == content_of(events)
    assert whole["message_id"] == events[0].data["metadata"]["message_id"]
    other = visitor.ask("What is IVA?", key="key-2")
    assert content_of(visitor.stream("What is IVA?", key="key-2")) == other["message_content"]
    assert visitor.get("/api/Chat/history").json()["total_count"] == 2
