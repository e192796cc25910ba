"""TLS contexts are dear, about 20 ms each: none for http, one for all clients of https."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gpo_client import InsecureConnectionWarning
from tests.client.conftest import Connect, Serve
from tests.support.events import chat_response, json_answer
from tests.support.proxy import ForwardProxy
from tests.support.question import CONTEXT, QUESTION

pytestmark = pytest.mark.usefixtures("no_context_yet")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ssl.SSLContext]]:
    """Every TLS context that is made, by whomever."""
    contexts: list[ssl.SSLContext] = []
    new = ssl.SSLContext.__new__

    def note(kind: type[ssl.SSLContext], *args: Any, **kwargs: Any) -> ssl.SSLContext:
        contexts.append(new(kind, *args, **kwargs))
        return contexts[-1]

    monkeypatch.setattr(ssl.SSLContext, "__new__", note)
    yield contexts
    before = len(contexts)
    httpx.create_ssl_context()
    assert len(contexts) == before + 1  # the count counts


async def _made_by_clients(connect: Connect, base_url: str, **options: Any) -> None:
    """Make the HTTP clients of several clients: they are made for the first request."""
    for _ in range(3):
        async with connect(base_url=base_url, **options) as client:
            client.__dict__.get("_blocking", client)._handle.get()


async def test_none_for_http(connect_once: Connect, serve: Serve, made: list[ssl.SSLContext]) -> None:
    """Neither to make the client nor to use it."""
    server = serve(then=lambda _: json_answer(chat_response()))
    for _ in range(3):
        async with connect_once(base_url=server.base_url) as client:
            await client.chat(CONTEXT, QUESTION)
    assert made == []


async def test_none_for_http_through_a_proxy(
    connect_once: Connect, serve: Serve, proxy: ForwardProxy, made: list[ssl.SSLContext]
) -> None:
    """httpcore would make one for each of its pools, if it were asked to."""
    server = serve(then=lambda _: json_answer(chat_response()))
    async with connect_once(base_url=server.base_url, proxy=proxy.url) as client:
        await client.chat(CONTEXT, QUESTION)
    assert made == []


@pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:9"])
async def test_one_for_https(connect: Connect, made: list[ssl.SSLContext], proxy: str | None) -> None:
    """However many clients there are."""
    await _made_by_clients(connect, "https://gpo.example.com", proxy=proxy)
    await _made_by_clients(connect, "https://other.example.com", proxy=proxy)
    assert len(made) == 1


async def test_another_without_verification(connect: Connect, made: list[ssl.SSLContext]) -> None:
    """And it is told apart from the one that verifies."""
    for _ in range(2):
        await _made_by_clients(connect, "https://gpo.example.com")
        with pytest.warns(InsecureConnectionWarning):
            await _made_by_clients(connect, "https://gpo.example.com", verify_ssl=False)
    assert sorted(context.verify_mode for context in made) == [ssl.CERT_NONE, ssl.CERT_REQUIRED]


def test_alpn_offers_http_1_only(made: list[ssl.SSLContext]) -> None:
    """The lanes speak nothing else."""
    from gpo_client.http.tls import Trust, tls_context

    client, server = ssl.MemoryBIO(), ssl.MemoryBIO()
    hello = tls_context(Trust()).wrap_bio(server, client, server_hostname="gpo.example.com")
    with pytest.raises(ssl.SSLWantReadError):
        hello.do_handshake()
    sent = client.read()
    assert b"\x08http/1.1" in sent
    assert b"\x02h2" not in sent
