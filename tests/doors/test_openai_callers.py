"""Who may call the door for OpenAI's protocol, how often, and with how much."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client import GPOCoreClient, InvalidArgumentError
from gpo_client.doors import ANYONE
from gpo_client.doors.callers import Callers
from gpo_client.relay import Relay, RelayOptions
from tests.doors.conftest import HEADERS, HTTP, KEY, Door, ask, error, openai, opened


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


@pytest.mark.parametrize("gives", [RuntimeError("the secret of the house"), KeyError("key"), True, 5, b"maria"])
@pytest.mark.parametrize("is_async", [False, True])
def test_a_check_that_fails(gives: Any, is_async: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Lets nobody in, and tells nobody why but the log."""

    def check(_: str) -> Any:
        if isinstance(gives, Exception):
            raise gives
        return gives

    async def checked(key: str) -> Any:
        return check(key)

    with opened("http://127.0.0.1:1", openai(keys=checked if is_async else check)) as door:
        refused = HTTP.get(f"{door.address}/v1/models", headers=HEADERS)
    assert error(refused) == (503, "unavailable", None)
    assert "secret" not in refused.text
    assert [record.name for record in caplog.records] == ["gpo_client.doors"]
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    "keys",
    [
        [],
        {},
        None,
        KEY,
        KEY.encode(),
        [KEY, "short"],
        [KEY, 12345678],
        [KEY.encode()],
        ["with a space"],
        ["schlüssel-123"],
        ["line-end-123\n"],
        {KEY: 5},
    ],
)
def test_keys_that_nobody_could_bring(keys: Any) -> None:
    """Are an error when the door is made, not a caller's who is turned away."""
    with pytest.raises(InvalidArgumentError, match="keys must be") as caught:
        Callers(keys)
    assert caught.value.field == "keys"
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("value", [0, -1, 1.5, "8", None])
@pytest.mark.parametrize("name", ["max_running", "per_minute"])
def test_limits_that_cannot_be(name: str, value: Any) -> None:
    limits: Any = {name: value}
    with pytest.raises(InvalidArgumentError) as caught:
        Callers([KEY], **limits)
    assert caught.value.field == name


def test_a_signing_key_that_can_be_guessed() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        openai(signing_key=b"k" * 31)(GPOCoreClient(base_url="http://127.0.0.1:1"))
    assert caught.value.field == "signing_key"
