"""Passwords of proxies, and proxies that are none."""

from __future__ import annotations

import pytest

from gpo_client import GPOConfig, GPOConnectionError, Secret, UnusableProxyWarning
from gpo_client.client.connections import connection_options
from gpo_client.client.proxies import proxy_for
from tests.client.conftest import Connect, Serve, connect_once, serve
from tests.support.events import answer_events, chat_response, json_answer, stream_answer
from tests.support.question import CONTEXT, QUESTION

__all__ = ["connect_once", "serve"]


@pytest.mark.parametrize("variable", ["http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    "proxy",
    [
        "socks4://user:pr0xy-s3cr3t@127.0.0.1:9", "gopher://user:pr0xy-s3cr3t@127.0.0.1:9",
        "http://user:pr0xy-s3cr3t@127.0.0.1:port", "http://user:pr0xy-s3cr3t@[", "user:pr0xy-s3cr3t@",
    ],
)  # fmt: skip
async def test_proxies_of_the_environment_that_are_none(
    variable: str, proxy: str, connect_once: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client works without; the warning names the variable and how to switch it off, and not the password."""
    server = serve(json_answer(chat_response()))
    monkeypatch.setenv(variable, proxy)
    with pytest.warns(UnusableProxyWarning) as told:
        async with connect_once(base_url=server.base_url) as client:
            await client.chat(CONTEXT, QUESTION)
    (warning,) = told
    assert f"the proxy in environment variable {variable} cannot be used" in str(warning.message)
    assert "NO_PROXY=127.0.0.1" in str(warning.message)
    assert "pr0xy-s3cr3t" not in str(warning.message)


async def test_proxy_without_a_scheme(connect_once: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is http, as for other programs that read these variables."""
    proxy = serve(stream_answer(*answer_events("a")))
    monkeypatch.setenv("http_proxy", proxy.base_url.replace("http://", "user:pr0xy-s3cr3t@"))
    async with connect_once(base_url="http://gpo.example.com", allow_insecure_http=True) as client:
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == "a"
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
async def test_proxies_that_fail(scheme: str, connect_once: Connect) -> None:
    """Neither the error nor what it is made of shows the password."""
    proxy = f"{scheme}://user:pr0xy-s3cr3t@127.0.0.1:9"
    async with connect_once(base_url="https://gpo.example.com", proxy=proxy) as client:
        with pytest.raises(GPOConnectionError, match=r"the proxy at 127\.0\.0\.1:9|connection refused") as caught:
            await client.chat(CONTEXT, QUESTION)
    config = GPOConfig(base_url="https://gpo.example.com", proxy=Secret(proxy))
    shown = f"{caught.value!s} {caught.value!r} {proxy_for(config)!r} {connection_options(config)!r}"
    assert "pr0xy-s3cr3t" not in shown
