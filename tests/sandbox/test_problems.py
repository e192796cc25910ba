"""Whatever goes wrong is a problem that can be traced and, where it is the request's fault, names the field."""

import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gpo_sandbox import RunningSandbox

from .conftest import Opener
from .visitor import METRICS, Visitor

_BODIES = [
    (b"", "malformed_request", "body"),
    (b"{", "malformed_request", "body"),
    (b'{"query": "x"} trailing', "malformed_request", "body"),
    (b'{"query": "\xff"}', "malformed_request", "body"),
    (b'{"query": "\\ud800"}', "malformed_request", "body"),
    ('{"query": "x"}'.encode("utf-16"), "malformed_request", "body"),
    (b'{"query": "x", "client_metadata": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001, "malformed_request", "body"),
    (b"null", "validation_failed", "body"),
    (b"[]", "validation_failed", "body"),
    (b'{"query": "x", "client_metadata": {"n": 1e999}}', "validation_failed", "client_metadata[...]"),
    (b'{"query": {"text": "x"}}', "validation_failed", "query"),
]


@pytest.mark.parametrize(("body", "code", "field"), _BODIES)
def test_bad_bodies(visitor: Visitor, body: bytes, code: str, field: str) -> None:
    """A body that cannot be read is a 400, one that can but breaks the contract a 422."""
    response = visitor.http.post("/api/Chat", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == (400 if code == "malformed_request" else 422)
    assert (response.json()["code"], response.json()["field"]) == (code, field)


JSON_TYPES = ["application/json", "Application/JSON ; charset=utf-8", "application/x+json", 'application/json;a="b"']
OTHER_TYPES = [
    "text/plain", "text/plain; application/json", "text/json", "text/x+json", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "application/json, text/plain", "text/plain, application/json", "application/",
    "+json", "json", "application/jsonp", ";",
]  # fmt: skip


def test_other_media_types(visitor: Visitor) -> None:
    """Bodies are JSON and said to be: what a page may send to any site without asking is refused."""
    for given in JSON_TYPES:
        served = visitor.http.post("/api/Chat", content=b'{"query": "x"}', headers={"Content-Type": given})
        assert served.status_code == 200, given
    two = ("application/json", "text/plain")
    for types in (*((given,) for given in OTHER_TYPES), (), two, two[::-1]):
        headers = [("Content-Type", given) for given in types]
        refused = visitor.http.post("/api/Chat", content=b'{"query": "x"}', headers=headers)
        assert (refused.status_code, refused.json()["field"]) == (415, "Content-Type"), headers


def test_bodies_have_a_limit(start_sandbox: Callable[..., RunningSandbox], visit: Opener) -> None:
    """A body beyond the limit is refused before it is read whole."""
    visitor = visit(start_sandbox(max_body_bytes=1000))
    fits = visitor.post("/api/Chat", {"query": "x" * 900})
    too_large = visitor.post("/api/Chat", {"query": "x" * 1000})
    assert fits.status_code == 200
    assert (too_large.status_code, too_large.json()["code"]) == (400, "body_too_large")


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/Chat/", "/api/chat", "/api/Documents/x/y/download", "/%00", "/%ff"]
)
def test_unknown_routes(visitor: Visitor, path: str) -> None:
    """Nothing is there."""
    response = visitor.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/api/Chat", {"POST", "DELETE"}), ("PUT", "/api/Documents", {"GET", "HEAD"}),
     ("OPTIONS", "/api/Ratings", {"POST"}), ("BREW", "/api/User/logout", {"POST"})],
)  # fmt: skip
def test_methods_that_are_not_offered(visitor: Visitor, method: str, path: str, allowed: set[str]) -> None:
    """The answer says which methods are."""
    response = visitor.http.request(method, path)
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert set(response.headers["Allow"].split(", ")) == allowed


def test_head(visitor: Visitor) -> None:
    """HEAD is GET without a body."""
    response = visitor.http.head("/api/Documents")
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("given", ["req-1", "~" * 128])
def test_the_request_id_comes_back(visitor: Visitor, given: str) -> None:
    """A usable id is echoed, on success and failure alike."""
    for path in ("/api/Documents", "/nowhere"):
        assert visitor.http.get(path, headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", [None, "", "two words", "x" * 129, "ñ".encode()])
def test_an_unusable_request_id_is_replaced(visitor: Visitor, given: Any) -> None:
    """The server makes one up, another one each time."""
    headers = {} if given is None else {"X-Request-ID": given}
    ids = {visitor.http.get("/api/Documents", headers=headers).headers["X-Request-ID"] for _ in range(2)}
    assert len(ids) == 2
    assert all(it.startswith("req_") for it in ids)


@pytest.mark.parametrize("key", ["x" * 256, "two words", "ñ".encode()])
def test_bad_idempotency_keys(visitor: Visitor, key: Any) -> None:
    """A key has 1 to 255 visible ASCII characters."""
    headers = {"Idempotency-Key": key}
    response = visitor.http.post("/api/Chat", json={"query": "x"}, headers=headers)
    assert (response.status_code, response.json()["field"]) == (400, "Idempotency-Key")


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
        # a body that cannot be parsed, after a head that can
        b"POST /api/Chat HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}x\r\nno size\r\n\r\n",
    ],
)
def test_what_is_not_http(shared: RunningSandbox, request_: bytes) -> None:
    """Even what cannot be parsed is answered with a problem."""
    with socket.create_connection(("127.0.0.1", shared.settings.port)) as connection:
        connection.sendall(request_)
        with connection.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nX-Request-ID: req_" in head
    assert b'"code":"malformed_request"' in body


def test_the_unexpected_is_logged_and_not_shown(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug is a 500 with a request id; what happened is in the log under that id and nowhere else."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("gpo_sandbox.knowledge.library.Library.page", fail)
    response = visitor.http.get("/api/Documents", headers={"X-Request-ID": "req-500"})
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert "secret" not in response.text
    assert "req-500" in caplog.text
    assert "secret detail" in caplog.text


def test_a_client_that_leaves_while_sending(shared: RunningSandbox) -> None:
    """A request that breaks off harms nobody."""
    head = b"POST /api/User/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", shared.settings.port)) as connection:
        connection.sendall(head)
    assert httpx.get(f"{shared.base_url}/nowhere", trust_env=False).status_code == 404


# --- Requests that break the contract: each is a 422 that names the field, and what is not there a 404 that does.

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


_BREAKING: list[tuple[str, Any, str]] = [
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


@pytest.mark.parametrize(("path", "body", "field"), _BREAKING)
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
