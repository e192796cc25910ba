"""Who may call the door for OpenAI's protocol, how often, and with how much."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client.doors import ANYONE
from gpo_client.relay import Relay, RelayOptions
from tests.doors.conftest import HTTP, KEY, Door, ask, error, openai, opened


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer wrong-key-000"}, {"Authorization": KEY}]
)
def test_nobody_without_a_key(openai_door: Door, headers: dict[str, str]) -> None:
    """On every path but that of signed links."""
    for method, path in (("GET", "/v1/models"), ("GET", "/v1/models/gpo"), ("POST", "/v1/chat/completions")):
        response = HTTP.request(method, openai_door.address + path, headers=headers)
        assert error(response) == (401, "invalid_api_key", None)
        assert response.headers["www-authenticate"] == "Bearer"


def test_keys_may_be_a_function(sandbox: Any) -> None:
    """That names the caller, and may have to wait for it."""

    async def check(key: str) -> str | None:
        return "maria" if key == "token-of-maria" else None

    with opened(sandbox.base_url, openai(keys=check)) as door:
        assert ask(door, headers={"Authorization": "Bearer token-of-maria"}).status_code == 200
        assert error(ask(door)) == (401, "invalid_api_key", None)
    with opened(sandbox.base_url, openai(keys=ANYONE)) as door:
        assert ask(door, headers={"Authorization": ""}).status_code == 200


def test_limits_for_each_caller(sandbox: Any) -> None:
    """One that asks too much is told when to come back; others are not affected."""
    keys = {KEY: "one", "another-key": "two"}
    with opened(sandbox.base_url, openai(keys=keys, questions_per_minute=1)) as door:
        assert ask(door).status_code == 200
        refused = ask(door)
        assert error(refused) == (429, "rate_limited", None)
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert ask(door, headers={"Authorization": "Bearer another-key"}).status_code == 200


def test_pages_of_other_sites(sandbox: Any) -> None:
    """May not call, unless they are named."""
    origin = {"Origin": "https://app.example.com"}
    relay = Relay(RelayOptions(allowed_origins=["https://app.example.com"]))
    with opened(sandbox.base_url, openai()) as door, opened(sandbox.base_url, openai(relay=relay)) as named:
        assert error(ask(door, headers=origin)) == (403, "forbidden", None)
        assert "access-control-allow-origin" not in ask(door).headers
        assert ask(named, headers=origin).headers["access-control-allow-origin"] == "https://app.example.com"


def test_large_requests(sandbox: Any) -> None:
    with opened(sandbox.base_url, openai(max_body_bytes=100)) as door:
        assert error(ask(door, "x" * 100)) == (413, "too_large", None)


def test_unknown_paths(openai_door: Door) -> None:
    assert error(HTTP.get(f"{openai_door.address}/v1/embeddings")) == (404, "unknown_url", None)
