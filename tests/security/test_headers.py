"""What a server sends is not sent on in a header field that it would break apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gpo_client import InvalidArgumentError
from gpo_core_client.api.reference import list_countries
from tests.client.conftest import Connect, Serve, connect_once, serve
from tests.support.events import json_answer, session
from tests.support.question import CONTEXT
from tests.support.runtimes import detailed
from tests.support.wire import Answer

__all__ = ["connect_once", "serve"]


@pytest.mark.parametrize("token", ["t\r\nX-Injected: 1", "t\nX: 1", "t\x00", "tökén"])
async def test_tokens_of_a_server(token: str, connect_once: Connect, serve: Serve) -> None:
    """A session whose token would break a request apart cannot be used, and the token is not shown."""
    server = serve(json_answer(session(token)))
    async with connect_once(base_url=server.base_url) as client:
        opened = await client.session({"instance_id": "i", "user_id": "u"})
        with pytest.raises(InvalidArgumentError) as caught:
            await client.list_conversations(opened)
    assert caught.value.field == "token.Authorization"
    assert token not in str(caught.value)
    assert len(server.requests) == 1


async def test_redirects_through_the_generated_client(connect_once: Connect, serve: Serve, runtime: str) -> None:
    """They are not followed either, not even by an HTTP client that usually does."""
    elsewhere = serve()
    location = {"Location": f"{elsewhere.base_url}/api/Country"}
    server = serve(*[Answer(status=302, headers=location, framing="length", announced=0)] * 2)
    make: Callable[..., Any] = httpx.Client if runtime == "sync" else httpx.AsyncClient
    http = make(follow_redirects=True)
    for options in ({}, {"http_client": http}):
        async with connect_once(base_url=server.base_url, **options) as client:
            answer = await detailed(runtime, list_countries, client=client.raw_for(CONTEXT))
            assert answer.status_code == 302
    http.close() if runtime == "sync" else await http.aclose()
    assert elsewhere.connections == []


async def test_copies_of_the_generated_client(connect_once: Connect, serve: Serve, runtime: str) -> None:
    """They send the token, and show it no more than the one they were made from."""
    server = serve(json_answer([]))
    async with connect_once(base_url=server.base_url) as client:
        raw = client.raw_for(CONTEXT).with_headers({"X-Mine": "1"}).with_cookies({})
        if runtime == "sync":
            with raw as copy:
                await detailed(runtime, list_countries, client=copy)
        else:
            async with raw as copy:
                await detailed(runtime, list_countries, client=copy)
    assert server.requests[0].headers["authorization"] == "Bearer t0k3n"
    assert server.requests[0].headers["x-mine"] == "1"
    assert "t0k3n" not in f"{raw!r} {raw} {raw.token!r} {vars(raw) if hasattr(raw, '__dict__') else ''}"
