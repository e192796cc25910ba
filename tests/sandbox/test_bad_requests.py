"""Requests that break the contract: each is a 422 that names the field, and what is not there a 404 that does."""

from typing import Any

import pytest

from .visitor import METRICS, Visitor

_CHAT, _SENSITIVE, _SESSION = "/api/Chat", "/api/Chat/SensitiveDataSupport", "/api/User/session"
_START, _SEARCH, _RATINGS = "/api/Chat/start-conversation", "/api/Messages/search", "/api/Ratings"
_FEEDBACK, _HANDOFF, _FILE = "/api/Chat/feedback", "/api/Chat/handoff-feedback", "/discoverfile/save"
_DOCUMENTS, _WHO = "/api/Documents/managed", {"instance_id": "i", "user_id": "u"}
_FILTERS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"start_date": "yesterday"}, "start_date"), ({"end_date": "2026-11-01T00:00:00"}, "end_date"),
    ({"country_ids": "MX"}, "country_ids"), ({"user_types": ["alien"]}, "user_types[0]"),
    ({"min_response_time_s": -1}, "min_response_time_s"),
)  # fmt: skip


def _marked(start: int, end: int) -> dict[str, object]:
    markers = [{"type": "x", "start": 0, "end": 1}, {"type": "x", "start": start, "end": end}]
    return {"query": "What is IVA?", "sensitivity_markers": markers}


_BODIES: list[tuple[str, Any, str]] = [
    (_CHAT, {}, "query"), (_CHAT, {"query": ""}, "query"), (_CHAT, {"query": None}, "query"),
    (_CHAT, {"query": "x" * 32_769}, "query"), (_CHAT, {"query": "x", "stream": "yes"}, "stream"),
    (_CHAT, {"query": "x", "use_openai": 1}, "use_openai"),
    (_CHAT, {"query": "x", "response_type": "Poem"}, "response_type"),
    (_CHAT, {"query": "x", "client_metadata": "web"}, "client_metadata"),
    (_CHAT, {"query": "x", "conversation_id": ["c"]}, "conversation_id"),
    (_SENSITIVE, {}, "query"), (_SENSITIVE, {"query": "x", "is_sensitive": "yes"}, "is_sensitive"),
    (_SENSITIVE, {"query": "x", "chat_history": [{"role": "user"}]}, "chat_history[0].content"),
    (_SENSITIVE, {"query": "x", "chat_history": [{"role": "robot", "content": "x"}]}, "chat_history[0].role"),
    (_SENSITIVE, {"query": "x", "sensitivity_markers": [{"type": "x", "start": -1, "end": 1}]},
     "sensitivity_markers[0].start"),
    # A marker that does not fit is refused rather than masking the wrong part.
    *((_SENSITIVE, _marked(*marker), "sensitivity_markers[1].end") for marker in ((5, 5), (5, 2), (0, 99))),
    (f"{_START}?knowledge_assistant_tag=XX", {}, "knowledge_assistant_tag"), (_START, {"title": "x" * 201}, "title"),
    (_START, {"title": 5}, "title"), (_START, {"metadata": []}, "metadata"), (_START, [], "body"),
    (_SEARCH, {}, "search_text"), (_SEARCH, {"search_text": ""}, "search_text"),
    (_SEARCH, {"search_text": "x", "page": 0}, "page"),
    (_SEARCH, {"search_text": "x", "start_date": "2026-13-01"}, "start_date"),
    (_FEEDBACK, {}, "message_id"), (_FEEDBACK, {"message_id": "m", "like": "yes"}, "like"),
    (_FEEDBACK, {"message_id": "m", "feedback": "x" * 4097}, "feedback"),
    (_HANDOFF, {"conversation_id": "c"}, "is_clarified"), (_HANDOFF, {"is_clarified": True}, "conversation_id"),
    *((_RATINGS, {"conversation_id": "c", "rating": rating}, "rating") for rating in (0, 6, 4.5, True)),
    (_RATINGS, {"rating": 3}, "conversation_id"),
    (_DOCUMENTS, {"sort_column": "colour"}, "sort_column"), (_DOCUMENTS, {"sort_order": "Up"}, "sort_order"),
    (_DOCUMENTS, {"page_size": 1000}, "page_size"),
    (_SESSION, {}, "instance_id"), (_SESSION, {"instance_id": "i"}, "user_id"),
    (_SESSION, {"instance_id": "", "user_id": "u"}, "instance_id"), (_SESSION, {**_WHO, "user_id": 7}, "user_id"),
    (_SESSION, {**_WHO, "environment": "moon"}, "environment"),
    *(("/api/User", {"users": [entry]}, field) for entry, field in (
        ({}, "users[0].email"), ({"email": "no address"}, "users[0].email"),
        ({"email": "a@example.com", "role_codes": ["admin"]}, "users[0].role_codes[0]"),
        ({"email": "a@example.com", "user_type": "alien"}, "users[0].user_type"),
    )),
    *((_FILE, {"file_name": name}, "file_name")  # a name is no path
      for name in ("../resico.md", "a/b", "a\\b", "a\0b", "a\nb", "", "x" * 256)),
    *((f"/api/{what}/export", {"time_zone": zone}, "time_zone")  # a name that is in no database
      for what in ("Ratings", "QuestionDetails")
      for zone in ("Mars/Olympus", "", "../etc/passwd", "/etc/localtime", "UTC\0")),
    *((f"/api/{metric}", wanted, field) for metric in METRICS for wanted, field in _FILTERS),
]  # fmt: skip
_QUERIES: list[tuple[str, dict[str, Any], str]] = [
    *(("/api/Chat/history", {name: value}, name)
      for name, value in (("page", 0), ("page", "x"), ("page_size", 0), ("page_size", 101))),
    ("/api/Chat/ClosedConversations", {"from_date": "yesterday"}, "from_date"),
    ("/api/Chat/history", {"page": [1, 2]}, "page"), ("/api/User", {"is_active": "null"}, "is_active"),
    ("/api/User", {"is_active": "perhaps"}, "is_active"), ("/api/User", {"sort_column": "shoe"}, "sort_column"),
    ("/api/Documents/Documentcategories", {"document_category_type": "Colour"}, "document_category_type"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "field"), _BODIES)
def test_bodies(visitor: Visitor, path: str, body: object, field: str) -> None:
    """The path of the bad value is named, however deep."""
    response = visitor.post(path, body)
    assert (response.status_code, response.json()["code"]) == (422, "validation_failed")
    assert response.json()["field"] == field


@pytest.mark.parametrize(("path", "query", "field"), _QUERIES)
def test_queries(visitor: Visitor, path: str, query: dict[str, Any], field: str) -> None:
    """Parameters too: page numbers begin at 1, pages have 1 to 100 items."""
    response = visitor.get(path, **query)
    assert (response.status_code, response.json()["field"]) == (422, field)


@pytest.mark.parametrize(("body", "field"), [([], "body"), ({}, "body"), ([""], "[0]"), (["a", 5], "[1]")])
def test_deletions(visitor: Visitor, body: object, field: str) -> None:
    """A deletion takes 1 to 100 ids."""
    response = visitor.http.request("DELETE", "/api/Chat", json=body)
    assert (response.status_code, response.json()["field"]) == (422, field)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (_CHAT, {"query": "What is IVA?", "conversation_id": "conv_99"}, "conversation_id"),
        (_FEEDBACK, {"message_id": "msg_99", "like": True}, "message_id"),
        (_HANDOFF, {"conversation_id": "conv_99", "is_clarified": True}, "conversation_id"),
        (_RATINGS, {"conversation_id": "conv_99", "rating": 3}, "conversation_id"),
        (_FILE, {"file_name": ".."}, "file_name"),
    ],
)
def test_what_is_not_there(visitor: Visitor, path: str, body: dict[str, object], field: str) -> None:
    """A conversation, a message or a file that does not exist."""
    response = visitor.post(path, body)
    assert (response.status_code, response.json()["field"]) == (404, field)
