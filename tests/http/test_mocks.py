"""What stands between httpx and the network sees the calls of default clients, and none leaves a test that mocks."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from gpo_client import GPOConnectionError, SyncGPOCoreClient
from gpo_client.http.mocks import patched_library
from gpo_client.testing import recorded
from tests.client.conftest import Serve
from tests.client.outcomes import Connect
from tests.client.scenarios import CONTEXT, QUESTION
from tests.support.events import answer_events, chat_response, json_answer, stream_answer

_LIBRARIES = [pytest.param("httpx"), pytest.param("httpx2")]


def _library(name: str) -> Any:
    return pytest.importorskip(name)


def _patched(monkeypatch: pytest.MonkeyPatch, library: Any) -> list[str]:
    """As pytest-httpx does it."""
    seen: list[str] = []

    def handle_request(_: Any, request: Any) -> Any:
        seen.append(request.url.path)
        return library.Response(200, json=chat_response("from the mock"))

    async def handle_async_request(transport: Any, request: Any) -> Any:
        return handle_request(transport, request)

    monkeypatch.setattr(library.HTTPTransport, "handle_request", handle_request)
    monkeypatch.setattr(library.AsyncHTTPTransport, "handle_async_request", handle_async_request)
    return seen


def test_nothing_is_patched() -> None:
    """As libraries come."""
    for name in ("httpx", "httpx2", "httpcore", "httpcore2"):
        if name in ("httpx", "httpcore") or pytest.importorskip(name):
            import_module(name)
    assert patched_library() is None


@pytest.mark.parametrize("name", _LIBRARIES)
async def test_a_patched_transport(
    name: str, connect_once: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a client that has been in use before, and is afterwards."""
    server = serve(then=lambda _: json_answer(chat_response("from the server")))
    async with connect_once(base_url=server.base_url) as client:
        for _ in range(2):
            assert (await client.chat(CONTEXT, QUESTION)).message_content == "from the server"
            with monkeypatch.context() as patch:
                seen = _patched(patch, _library(name))
                assert (await client.chat(CONTEXT, QUESTION)).message_content == "from the mock"
                assert seen == ["/api/Chat"]
    assert len(server.requests) == 2


def test_vcr(serve: Serve, tmp_path: Path) -> None:
    """Records default clients, plain and through ``recorded``; replays them without a server."""
    vcr = pytest.importorskip("vcr")
    server = serve(json_answer(chat_response("recorded")), json_answer(chat_response("recorded too")))
    for cassette in (lambda: vcr.use_cassette(tmp_path / "plain.yaml"), lambda: recorded(tmp_path / "ours.yaml")):
        answers = []
        for _ in range(2):
            with cassette(), SyncGPOCoreClient(base_url=server.base_url, max_retries=0) as client:
                answers.append(client.chat(CONTEXT, QUESTION).message_content)
        assert answers[0] == answers[1]
    assert len(server.requests) == 2


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
async def test_respx(using: str, connect_once: Connect, serve: Serve) -> None:
    """A call that it does not know does not leave. Its other way is to patch httpx's clients: they must be in use."""
    respx = pytest.importorskip("respx")
    server = serve()
    transport = "own" if using == "httpcore" else "httpx"
    async with connect_once(base_url=server.base_url, transport=transport) as client:
        with respx.mock(using=using, assert_all_called=False) as mock:
            mock.post(f"{server.base_url}/api/Chat").mock(
                return_value=httpx.Response(200, json=chat_response("mocked"))
            )
            assert (await client.chat(CONTEXT, QUESTION)).message_content == "mocked"
            with pytest.raises(Exception, match="not mocked"):
                await client.list_messages(CONTEXT, "conv_01")
    assert server.requests == []


@pytest.mark.parametrize("name", _LIBRARIES)
async def test_transport_setting(name: str, connect_once: Connect, serve: Serve) -> None:
    """Calls, streams and failures by a plain client of that library, closed with ours."""
    _library(name)
    server = serve(json_answer(chat_response()), stream_answer(*answer_events("Mexico ", "taxes ")))
    async with connect_once(base_url=server.base_url, transport=name) as client:
        assert (await client.chat(CONTEXT, QUESTION)).message_content == "1 to 2.5 per cent."
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == "Mexico taxes "
    await server.closed()
    async with connect_once(base_url="http://127.0.0.1:9", transport=name) as client:
        with pytest.raises(GPOConnectionError, match="could not connect"):
            await client.chat(CONTEXT, QUESTION)
