"""How clients are made and closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

import gpo_client
from gpo_client import ConfigurationError, GPOConfig, InvalidArgumentError, InvalidResponseError, UsageError
from tests.client.conftest import Connect, Serve
from tests.client.users import open_session
from tests.support.events import answer_events, chat_response, json_answer, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import Answer


async def test_client_from_a_file(connect: Connect, runtime: str, sandbox: Any, tmp_path: Path) -> None:
    """A client is made from a settings file; arguments beat it."""
    path = tmp_path / "gpo.toml"
    path.write_text(f'base_url = "{sandbox.base_url}"\ntimeout = 7\nuser_agent = "from-a-file/1"\n')
    kind = gpo_client.SyncGPOCoreClient if runtime == "sync" else gpo_client.GPOCoreClient
    made = kind.from_config_file(path, timeout=9)
    assert (made.config.base_url, made.config.timeout) == (sandbox.base_url, 9)
    async with connect(config=made.config) as client:
        assert (await open_session(client)).token


async def test_address_in_place_of_the_settings(runtime: str) -> None:
    """An address in place of the settings is a frequent slip; the error says what was meant."""
    kind: Any = gpo_client.SyncGPOCoreClient if runtime == "sync" else gpo_client.GPOCoreClient
    with pytest.raises(ConfigurationError, match="base_url="):
        kind("http://gpo.example.com")


async def test_closed_client(connect_once: Connect) -> None:
    """Closing twice is allowed, using a closed client is not, and the error says what to do."""
    async with connect_once(config=GPOConfig()) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
    await client.aclose()
    told = r"client is closed.*make a new one"
    with pytest.raises(UsageError, match=told):
        await client.chat(CONTEXT, QUESTION)
    with pytest.raises(UsageError, match=told):
        async with stream:
            pytest.fail("the block was entered")
    with pytest.raises(UsageError, match=told):
        client.chat_stream(CONTEXT, QUESTION)
    with pytest.raises(UsageError, match=told):
        _ = client.raw


def _http_client(runtime: str) -> Any:
    """An HTTP client of the user's own, with settings of the user's own."""
    kind = httpx.Client if runtime == "sync" else httpx.AsyncClient
    return kind(headers={"X-Mine": "1"}, follow_redirects=True, timeout=0.001)


async def _close(http: Any, runtime: str) -> None:
    if runtime == "sync":
        http.close()
    else:
        await http.aclose()


async def test_http_client_of_the_users(connect_once: Connect, serve: Serve, runtime: str) -> None:
    """It is used with its own headers, shared with copies, and closed by nobody but the user; deadlines are ours."""
    server = serve(
        *[json_answer(chat_response())] * 2, stream_answer(*answer_events("a")), json_answer(chat_response())
    )
    http = _http_client(runtime)
    async with connect_once(base_url=server.base_url, http_client=http) as client:
        await client.chat(CONTEXT, QUESTION)
        async with client.with_options(timeout=5) as copy:
            await copy.chat(CONTEXT, QUESTION)
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == "a"
    async with connect_once(base_url=server.base_url, http_client=http) as client:
        await client.chat(CONTEXT, QUESTION)
    assert not http.is_closed
    await _close(http, runtime)
    assert [request.headers["x-mine"] for request in server.requests] == ["1"] * 4
    assert server.requests[0].connection == server.requests[1].connection


async def test_redirects_whoever_made_the_http_client(connect_once: Connect, serve: Serve, runtime: str) -> None:
    """No redirect is followed, not even by an HTTP client that usually does."""
    elsewhere = serve()
    server = serve(Answer(status=307, headers={"Location": f"{elsewhere.base_url}/api/Chat"}))
    http = _http_client(runtime)
    async with connect_once(base_url=server.base_url, http_client=http) as client:
        with pytest.raises(InvalidResponseError, match="redirects"):
            await client.chat(CONTEXT, QUESTION)
    await _close(http, runtime)
    assert elsewhere.connections == []


async def test_http_client_of_another_kind(connect_once: Connect, runtime: str) -> None:
    """Refused when the client is made, with what to give instead."""
    ours, theirs = (httpx.Client, httpx.AsyncClient) if runtime == "sync" else (httpx.AsyncClient, httpx.Client)
    other = theirs()
    name = "GPOCoreClient" if runtime == "sync" else "SyncGPOCoreClient"
    with requests.Session() as session:
        for given, told in (
            (other, f"not httpx.{theirs.__name__}, which {name} takes"),
            (ours, f"not the class {ours.__name__}: make one first, httpx.{ours.__name__}\\(\\)"),
            (session, "not requests.Session"),
            ("https://gpo.example.com", "not str"),
        ):
            expected = f"^http_client must be an httpx.{ours.__name__}, {told}$"
            with pytest.raises(InvalidArgumentError, match=expected) as caught:
                connect_once(http_client=given)
            assert caught.value.field == "http_client"
    await _close(other, "asyncio" if runtime == "sync" else "sync")


async def test_http_client_closed_by_the_user(connect_once: Connect, runtime: str) -> None:
    """An error of ours, not of the HTTP library's."""
    http = _http_client(runtime)
    await _close(http, runtime)
    async with connect_once(base_url="https://gpo.example.com", http_client=http) as client:
        with pytest.raises(UsageError, match="closed"):
            await client.chat(CONTEXT, QUESTION)
