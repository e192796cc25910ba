"""TLS with real certificates, on loopback: direct and through a proxy's tunnel."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
import trustme

from gpo_client import GPOConnectionError, GPOCoreClient, InsecureConnectionWarning
from tests.client.conftest import Connect, Serve
from tests.support.events import answer_events, chat_response, json_answer, stream_answer
from tests.support.proxy import ForwardProxy
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import Answer, Received


def _answer(request: Received) -> Answer:
    if request.json["stream"]:
        return stream_answer(*answer_events("Mexico ", "taxes "))
    return json_answer(chat_response())


async def _ask_thrice(client: Any) -> None:
    for _ in range(2):
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == "Mexico taxes "
    assert (await client.chat(CONTEXT, QUESTION)).message_content == "1 to 2.5 per cent."


async def _ask_with_a_copy(client: Any) -> None:
    async with client, client.with_options(timeout=5) as copy:
        await _ask_thrice(client)
        await _ask_thrice(copy)


@pytest.mark.usefixtures("trusted")
async def test_trusted_certificate(connect_once: Connect, serve: Serve, server_tls: ssl.SSLContext) -> None:
    """Streams and calls, on a connection that is reused."""
    server = serve(then=_answer, tls=server_tls)
    async with connect_once(base_url=server.base_url) as client:
        await _ask_thrice(client)
    assert server.base_url.startswith("https:")
    assert len(server.requests) == 3


@pytest.mark.usefixtures("trusted")
async def test_scheme_in_capitals(connect_once: Connect, serve: Serve, server_tls: ssl.SSLContext) -> None:
    """It means the same, so nothing is sent in the clear."""
    server = serve(then=_answer, tls=server_tls)
    async with connect_once(base_url=server.base_url.replace("https", "HTTPS")) as client:
        await _ask_thrice(client)
    assert len(server.requests) == 3


@pytest.mark.usefixtures("trusted")
async def test_connection_is_reused(connect_once: Connect, serve: Serve, server_tls: ssl.SSLContext) -> None:
    """One handshake for calls that follow each other."""
    server = serve(then=_answer, tls=server_tls)
    async with connect_once(base_url=server.base_url) as client:
        for _ in range(3):
            await client.chat(CONTEXT, QUESTION)
    assert [request.connection for request in server.requests] == [0, 0, 0]


@pytest.mark.usefixtures("no_context_yet")
@pytest.mark.parametrize("through_proxy", [False, True])
async def test_unknown_authority(
    connect_once: Connect, serve: Serve, server_tls: ssl.SSLContext, proxy: ForwardProxy, through_proxy: bool
) -> None:
    """The request is not sent, and the error says that it was TLS, and why."""
    server = serve(tls=server_tls)
    options = {"proxy": proxy.url} if through_proxy else {}
    async with connect_once(base_url=server.base_url, **options) as client:
        with pytest.raises(GPOConnectionError, match=r"TLS handshake failed.*certificate verify failed"):
            await client.chat(CONTEXT, QUESTION)
        with pytest.raises(GPOConnectionError, match=r"TLS handshake failed.*certificate verify failed"):
            await client.chat_stream(CONTEXT, QUESTION).collect()
    assert server.requests == []


@pytest.mark.usefixtures("trusted")
async def test_certificate_for_another_host(connect_once: Connect, serve: Serve, authority: trustme.CA) -> None:
    """A trusted authority is not enough."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("gpo.example.com").configure_cert(tls)
    server = serve(tls=tls)
    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(GPOConnectionError, match=r"TLS handshake failed.*127\.0\.0\.1"):
            await client.chat(CONTEXT, QUESTION)
    assert server.requests == []


@pytest.mark.usefixtures("no_context_yet")
async def test_verification_switched_off(connect_once: Connect, serve: Serve, server_tls: ssl.SSLContext) -> None:
    """Whoever does so is answered by anybody, and told so once for each client, where the program calls it."""
    server = serve(then=_answer, tls=server_tls)
    for _ in range(2):
        with pytest.warns(InsecureConnectionWarning, match=r"verify_ssl is off \(from an argument\)") as told:
            await _ask_with_a_copy(connect_once(base_url=server.base_url, verify_ssl=False))
        assert [Path(warning.filename).parts[-3] for warning in told] == ["tests"]


@pytest.mark.usefixtures("no_context_yet")
async def test_verification_switched_off_as_an_error(
    connect_once: Connect, serve: Serve, server_tls: ssl.SSLContext
) -> None:
    """Where warnings are errors nothing is sent."""
    server = serve(tls=server_tls)
    async with connect_once(base_url=server.base_url, verify_ssl=False) as client:
        for _ in range(2):
            with pytest.raises(InsecureConnectionWarning):
                await client.chat(CONTEXT, QUESTION)
    assert server.connections == []


async def test_server_without_tls(connect_once: Connect) -> None:
    """https to a port that speaks http."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        async with connect_once(base_url=f"https://127.0.0.1:{listener.getsockname()[1]}") as client:
            with pytest.raises(GPOConnectionError, match=r"speaks http, not https$"):
                await client.chat(CONTEXT, QUESTION)
        thread.join()


@pytest.mark.usefixtures("trusted")
async def test_tunnel(connect_once: Connect, serve: Serve, server_tls: ssl.SSLContext, proxy: ForwardProxy) -> None:
    """Through a proxy the TLS connection is with the server: the proxy sees its address and nothing else."""
    server = serve(then=_answer, tls=server_tls)
    another_name = proxy.url.replace("127.0.0.1", "localhost")  # which is not that of the certificate
    async with connect_once(base_url=server.base_url, proxy=another_name) as client:
        await _ask_thrice(client)
    assert len(server.requests) == 3
    tunnels = {(request.method, request.target) for request in proxy.requests}
    address = server.base_url.removeprefix("https://")
    assert tunnels == {("CONNECT", address)}
    assert [request.headers for request in proxy.requests] == [{"host": address}] * len(proxy.requests)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("is_tls", [False, True])
async def test_proxy_of_https(
    connect_once: Connect, serve: Serve, server_tls: ssl.SSLContext, https_proxy: ForwardProxy, is_tls: bool
) -> None:
    """What the proxy is told is encrypted; a server of https is spoken to by TLS within TLS."""
    server = serve(then=_answer, tls=server_tls if is_tls else None)
    async with connect_once(base_url=server.base_url, proxy=https_proxy.url) as client:
        await _ask_thrice(client)
    assert [request.connection for request in server.requests] == [0, 0, 0]
    address = server.base_url.removeprefix("https://")
    told = ("CONNECT", address) if is_tls else ("POST", f"{address}/api/Chat")
    assert [(request.method, request.target) for request in https_proxy.requests] == [told]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("is_tls", [False, True])
def test_proxy_of_https_on_uvloop(
    serve: Serve, server_tls: ssl.SSLContext, https_proxy: ForwardProxy, is_tls: bool
) -> None:
    """Its transports are not asyncio's, and its TLS within TLS is its own."""
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed")
    server = serve(then=_answer, tls=server_tls if is_tls else None)

    async def ask() -> None:
        async with GPOCoreClient(base_url=server.base_url, proxy=https_proxy.url, max_retries=0) as client:
            await _ask_thrice(client)

    uvloop.run(ask())
    assert [request.connection for request in server.requests] == [0, 0, 0]
    assert len(https_proxy.requests) == 1


@pytest.mark.usefixtures("no_context_yet")
async def test_proxy_of_an_unknown_authority(connect_once: Connect, serve: Serve, https_proxy: ForwardProxy) -> None:
    """It is told nothing; the error says that it is the proxy whose certificate is not accepted, and what that says."""
    server = serve()
    async with connect_once(base_url=server.base_url, proxy=https_proxy.url) as client:
        with pytest.raises(GPOConnectionError) as caught:
            await client.chat(CONTEXT, QUESTION)
    told = r"the proxy at 127\.0\.0\.1:\d+ \(an argument\): .*certificate verify failed: .*; the certificate is of O="
    assert re.search(told, str(caught.value))
    assert https_proxy.requests == []
