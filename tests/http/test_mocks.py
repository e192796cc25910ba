"""What stands between httpx and the network sees the calls of default clients, and none leaves a test that mocks."""

from __future__ import annotations

import gc
import socket
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from gpo_client import GPOConnectionError
from gpo_client.http.given import patched_library
from gpo_client.testing import recorded
from tests.client.conftest import Connect, Serve
from tests.support.events import answer_events, chat_response, json_answer, stream_answer
from tests.support.question import CONTEXT, QUESTION

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


@pytest.mark.parametrize("transport", ["own", "httpx", "httpx2"])
@pytest.mark.parametrize("kind", ["plain", "recorded"])
async def test_vcr(kind: str, transport: str, connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """Records calls and streams; replays them without a server."""
    vcr = pytest.importorskip("vcr")
    if transport != "own":
        _library(transport)
    make = vcr.use_cassette if kind == "plain" else recorded
    cassettes = [make(tmp_path / "a.yaml", record_mode=mode) for mode in ("once", "none")]
    server = serve(json_answer(chat_response("recorded")), stream_answer(*answer_events("Mexico ", "taxes ")))
    for cassette in cassettes:
        with cassette:
            async with connect_once(base_url=server.base_url, transport=transport) as client:
                assert (await client.chat(CONTEXT, QUESTION)).message_content == "recorded"
                assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == "Mexico taxes "
    assert len(server.requests) == 2


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
@pytest.mark.parametrize("transport", ["own", "httpx"])
async def test_respx(using: str, transport: str, connect_once: Connect, serve: Serve) -> None:
    """Both of its ways: it replaces methods of httpcore's connections, or of httpx's clients."""
    respx = pytest.importorskip("respx")
    server = serve()
    async with connect_once(base_url=server.base_url, transport=transport) as client:
        with respx.mock(using=using, assert_all_called=False) as mock:
            mock.post(f"{server.base_url}/api/Chat").mock(
                return_value=httpx.Response(200, json=chat_response("mocked"))
            )
            assert (await client.chat(CONTEXT, QUESTION)).message_content == "mocked"
            with pytest.raises(Exception, match="not mocked"):
                await client.list_messages(CONTEXT, "conv_01")
    assert server.requests == []


@pytest.mark.httpx_mock(assert_all_requests_were_expected=False)
async def test_pytest_httpx(connect_once: Connect, serve: Serve, request: pytest.FixtureRequest) -> None:
    """A call that it does not know does not leave either."""
    pytest.importorskip("pytest_httpx")
    server, mock = serve(), request.getfixturevalue("httpx_mock")
    mock.add_response(url=f"{server.base_url}/api/Chat", json=chat_response("mocked"))
    async with connect_once(base_url=server.base_url) as client:
        assert (await client.chat(CONTEXT, QUESTION)).message_content == "mocked"
        with pytest.raises(GPOConnectionError):
            await client.list_messages(CONTEXT, "conv_01")
    assert server.requests == []


@pytest.mark.parametrize("name", _LIBRARIES)
async def test_mock_transport(name: str, runtime: str, connect_once: Connect) -> None:
    """The mock that each of the two libraries brings, in a client that is given."""
    library = _library(name)
    mock = library.MockTransport(lambda _: library.Response(200, json=chat_response("mocked")))
    http = library.Client(transport=mock) if runtime == "sync" else library.AsyncClient(transport=mock)
    async with connect_once(http_client=http) as client:
        assert (await client.chat(CONTEXT, QUESTION)).message_content == "mocked"
    http.close() if runtime == "sync" else await http.aclose()


# What the other libraries leave open when a connection fails by no OSError is none of ours.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("transport", ["own", "httpx", "httpx2"])
async def test_blocked_network(
    transport: str, connect_once: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What forbids connections (pytest-recording's ``block_network``, pytest-socket) is heard: as an error, at once."""

    def forbidden(*_: Any) -> None:
        raise RuntimeError("Network is disabled")

    if transport != "own":
        _library(transport)
    server = serve()
    async with connect_once(base_url=server.base_url, transport=transport) as client:
        with monkeypatch.context() as patch:
            patch.setattr(socket.socket, "connect", forbidden)
            for ask in (client.chat, lambda *asked: client.chat_stream(*asked).collect()):
                with pytest.raises(Exception) as caught:  # trio and anyio make groups
                    await ask(CONTEXT, QUESTION)
                assert "Network is disabled" in repr(caught.value)
    assert server.requests == []
    gc.collect()


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
        with pytest.raises(GPOConnectionError, match="connection refused"):
            await client.chat(CONTEXT, QUESTION)
