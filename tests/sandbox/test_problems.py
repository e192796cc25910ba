"""Whatever goes wrong is a problem that can be traced and, where it is the request's fault, names the field."""

import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gpo_sandbox import RunningSandbox

from .conftest import Opener
from .visitor import Visitor

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
    for headers in (*({"Content-Type": given} for given in OTHER_TYPES), {}):
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
