"""Tokens travel encrypted and sandboxes serve this machine alone, unless somebody has said otherwise."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from gpo_client import (
    ConfigurationError,
    GPOConfig,
    GPOConnectionError,
    GPOCoreClient,
    Secret,
    SyncGPOCoreClient,
    UnusableProxyWarning,
)
from gpo_client.client.connections import connection_options
from gpo_client.client.proxies import proxy_for
from gpo_sandbox import SandboxSettings, running_sandbox
from gpo_sandbox.playground import running_playground
from tests.client.conftest import Connect, Serve, connect_once, serve
from tests.support.events import answer_events, chat_response, json_answer, stream_answer
from tests.support.question import CONTEXT, QUESTION

_ELSEWHERE = [
    "http://gpo.example.com", "HTTP://gpo.example.com", "http://10.0.0.8:8760", "http://128.0.0.1", "http://[::2]",
    "http://localhost.example.com", "http://notlocalhost", "http://gpo.notlocalhost:8760",
    "http://127.0.0.1.example.com", "http://0.0.0.0",
]  # fmt: skip
_HERE = [
    "http://127.0.0.1:8760", "http://127.8.9.10", "http://localhost", "http://LOCALHOST.:80", "http://gpo.localhost",
    "http://[::1]:8760",
]  # fmt: skip


@pytest.mark.parametrize("base_url", _ELSEWHERE)
def test_http_elsewhere_is_refused(base_url: str) -> None:
    """By the settings and by both clients, with the setting, where it came from, and what to do."""
    for make in (GPOConfig, GPOConfig().replace, GPOConfig.from_env, GPOCoreClient, SyncGPOCoreClient):
        with pytest.raises(ConfigurationError, match=r"base_url must be https.*allow_insecure_http=True") as caught:
            make(base_url=base_url)
        assert (caught.value.setting, caught.value.origin) == ("base_url", "an argument")


@pytest.mark.parametrize("base_url", _ELSEWHERE)
def test_http_elsewhere_when_it_is_allowed(base_url: str) -> None:
    """And only for as long as it is."""
    config = GPOConfig(base_url=base_url, allow_insecure_http=True)
    assert config.replace(timeout=5).base_url.lower() == base_url.lower()
    with pytest.raises(ConfigurationError, match="base_url must be https"):
        config.replace(allow_insecure_http=False)


@pytest.mark.parametrize("base_url", [*_HERE, "https://gpo.example.com", "HTTPS://gpo.example.com"])
def test_http_here_and_https_everywhere(base_url: str) -> None:
    """What needs no permission."""
    assert GPOConfig(base_url=base_url).base_url.lower() == base_url.lower()


def test_where_the_address_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment and files may name such an address, or allow it, one without the other."""
    monkeypatch.setenv("GPO_API_BASE_URL", "http://gpo.example.com")
    with pytest.raises(ConfigurationError) as caught:
        GPOConfig.from_env()
    assert caught.value.origin == "environment variable GPO_API_BASE_URL"
    monkeypatch.delenv("GPO_API_BASE_URL")  # which would beat the file
    path = tmp_path / "gpo.toml"
    path.write_text('base_url = "http://other.example.com"\n')
    with pytest.raises(ConfigurationError) as caught:
        GPOConfig.from_file(path)
    assert caught.value.origin == f"file {path}"
    monkeypatch.setenv("GPO_API_ALLOW_INSECURE_HTTP", "true")
    assert GPOConfig.from_file(path).base_url == "http://other.example.com"
    monkeypatch.setenv("GPO_API_BASE_URL", "http://gpo.example.com")
    assert GPOConfig.from_env().base_url == "http://gpo.example.com"


@pytest.mark.parametrize("running", [running_sandbox, running_playground])
def test_only_this_machine_is_served(running: object) -> None:
    """Unless somebody says so: another address, even of the loopback network, finds nobody."""
    assert callable(running)
    assert SandboxSettings().host == "127.0.0.1"
    with running() as sandbox:
        socket.create_connection(("127.0.0.1", sandbox.settings.port)).close()
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.2", sandbox.settings.port), timeout=5)


# --- Passwords of proxies, and proxies that are none.

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
