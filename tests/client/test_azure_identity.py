"""azure-identity's own objects as keys, where it is installed."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.client.conftest import Serve
from tests.client.outcomes import Connect
from tests.support.events import json_answer, session
from tests.support.question import SESSION

_SCOPE = "api://gpo/.default"


async def test_token_providers(connect_once: Connect, serve: Serve, world: str) -> None:
    """A provider made of a credential, and the credential itself."""
    identity = pytest.importorskip("azure.identity")
    credentials = pytest.importorskip("azure.core.credentials")

    class Credential:
        def get_token(self, *scopes: str, **_: Any) -> Any:
            assert scopes == (_SCOPE,)
            return credentials.AccessToken("k3y", int(time.time()) + 3600)

    providers: list[Any] = [identity.get_bearer_token_provider(Credential(), _SCOPE), Credential()]
    if world == "asyncio":
        identity_aio = pytest.importorskip("azure.identity.aio")

        class AsyncCredential:
            async def get_token(self, *scopes: str, **_: Any) -> Any:
                return Credential().get_token(*scopes)

        providers += [identity_aio.get_bearer_token_provider(AsyncCredential(), _SCOPE), AsyncCredential()]
    server = serve(then=lambda _: json_answer(session()))
    for provider in providers:
        async with connect_once(base_url=server.base_url, api_key=provider, api_key_scope=_SCOPE) as client:
            await client.session(SESSION)
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer k3y"}
