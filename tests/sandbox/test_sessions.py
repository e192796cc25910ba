"""Opening, using and ending sessions."""

import sqlite3
from collections.abc import Callable

import httpx
import pytest

from gpo_sandbox import RunningSandbox, running_sandbox

from .conftest import Opener
from .visitor import Visitor

_BODY = {"instance_id": "instance-001", "user_id": "user-123", "project_id": "project-456", "environment": "test"}


def test_a_session_has_a_token_for_everything_else(visitor: Visitor) -> None:
    """The token of createSession is what the other operations want."""
    assert visitor.session["user_id"] == visitor.user_id
    assert visitor.get("/api/Chat/history").json()["total_count"] == 0


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic dXNlcjpwYXNz"])
def test_without_a_token(shared: RunningSandbox, header: str | None) -> None:
    """A missing token is a 401 that says which scheme is wanted."""
    headers = {} if header is None else {"Authorization": header}
    response = httpx.get(f"{shared.base_url}/api/Chat/history", headers=headers, trust_env=False)
    assert (response.status_code, response.json()["code"]) == (401, "missing_token")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_an_unknown_token(visitor: Visitor) -> None:
    """A token that was never issued is invalid."""
    response = visitor.http.get("/api/Chat/history", headers={"Authorization": "Bearer nonsense"})
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")


def test_logging_out_ends_one_session(visitor: Visitor) -> None:
    """After logout the token is worthless, and the user's other sessions live on."""
    first = visitor.session["token"]
    visitor.renew()
    logged_out = visitor.http.post("/api/User/logout", headers={"Authorization": f"Bearer {first}"})
    refused = visitor.http.get("/api/Chat/history", headers={"Authorization": f"Bearer {first}"})
    assert logged_out.status_code == 204
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_token")
    assert visitor.get("/api/Chat/history").status_code == 200


def test_an_expired_token(start_sandbox: Callable[..., RunningSandbox], visit: Opener) -> None:
    """A token that is past its time says so, which is how clients know to renew it."""
    visitor = visit(start_sandbox(token_ttl_s=1e-6))
    response = visitor.get("/api/Chat/history")
    assert (response.status_code, response.json()["code"]) == (401, "token_expired")


def test_the_api_key() -> None:
    """With an API key set, only its bearer opens sessions; its name does not appear among the settings."""
    with running_sandbox(api_key="key-for-tests") as sandbox:
        url = f"{sandbox.base_url}/api/User/session"
        answers = [
            httpx.post(url, json=_BODY, headers=headers, trust_env=False)
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer key-for-tests"})
        ]
    assert [answer.status_code for answer in answers] == [401, 401, 200]
    assert [answer.json().get("code") for answer in answers] == ["missing_token", "invalid_token", None]
    assert "key-for-tests" not in repr(sandbox)


def test_repeating_with_a_key_gives_the_same_session(visitor: Visitor) -> None:
    """The same key opens one session, token included; another body is a conflict."""
    key = f"key-{visitor.user_id}"
    first, again = (visitor.post("/api/User/session", _BODY, key=key).json() for _ in range(2))
    other = visitor.post("/api/User/session", {**_BODY, "project_id": None}, key=key)
    assert again == first
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_tokens_are_not_in_the_database(db_file: str, visit: Opener) -> None:
    """Whoever reads the database finds no token, not even among the outcomes of repeated requests."""
    with running_sandbox(db=db_file) as sandbox:
        visitor = visit(sandbox)
        token = visitor.post("/api/User/session", _BODY, key="key-1").json()["token"]
    connection = sqlite3.connect(db_file)
    dump = "\n".join(connection.iterdump())
    connection.close()
    assert "instance-001" in dump
    assert token not in dump
    assert token.encode().hex() not in dump.lower()
