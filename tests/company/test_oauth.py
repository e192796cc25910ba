"""Keys of an identity platform that end after an hour: npm's oauth2-mock-server, asked by Authlib, if there is npm."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest

from tests.client.conftest import Serve
from tests.doors.foreign.node import start
from tests.support.events import json_answer, problem_answer, session
from tests.support.wire import Answer, Received

pytestmark = pytest.mark.slow
_WHO: Any = {"instance_id": "advisory-001", "user_id": "user-1"}


@pytest.fixture
def platform() -> Iterator[str]:
    """The address of an identity platform, whose keys end after one hour, two hours, and so on."""
    process = start("oauth.mjs")
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate()


def _end(request: Received) -> int:
    """Return after how many hours the key of a request ends."""
    payload = request.headers["authorization"].removeprefix("Bearer ").split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return int((claims["exp"] - claims["iat"]) / 3600)


async def test_an_hourly_key_outlives_itself(
    connect: Callable[..., Any], serve: Serve, runtime: str, platform: str
) -> None:
    """Sessions are opened at once, and two hours later, when the next key has ended too: one more is asked for."""
    authlib = pytest.importorskip("authlib.integrations.httpx_client", reason="not installed: pip install Authlib")
    hour = 0

    def answer(request: Received) -> Answer:
        return json_answer(session()) if _end(request) > hour else problem_answer(401, "it has ended")

    server = serve(then=answer)
    owner = authlib.OAuth2Client if runtime == "sync" else authlib.AsyncOAuth2Client
    platform_client = owner("advisory", "s3cret", token_endpoint=f"{platform}/token", trust_env=False)

    def key() -> str:
        return str(platform_client.fetch_token(grant_type="client_credentials")["access_token"])

    async def awaited_key() -> str:
        return str((await platform_client.fetch_token(grant_type="client_credentials"))["access_token"])

    async with connect(base_url=server.base_url, api_key=key if runtime == "sync" else awaited_key) as client:
        await client.session(_WHO)
        hour = 2
        await client.session(_WHO)
    assert [_end(request) for request in server.requests] == [1, 2, 3]
    await (platform_client.aclose() if runtime != "sync" else anyio.to_thread.run_sync(platform_client.close))
