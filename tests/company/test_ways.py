"""Streams, resumes and deadlines on every way through a company's network, and what curl says to the same settings."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from gpo_client import GPOTimeoutError
from tests.client.users import RESICO, open_session
from tests.company.conftest import Network
from tests.support.parts import installed

Connect = Callable[..., Any]
_GATEWAY_KEY, _CURL_KEY = {"X-Gateway-Key": "g4teway-s3cr3t"}, ["-H", "X-Gateway-Key: g4teway-s3cr3t"]


def _ways(network: Network, http_proxy: int, socks_proxy: int) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """By name: the settings, and the options that tell curl the same."""
    trusting, ca = {"ca_bundle": network.file("ca.pem")}, ["--cacert", network.file("ca.pem")]
    who = "ana:pa%2Ess@127.0.0.1"
    one_file = {"client_cert": network.file("client.pem")}
    two_files = {"client_cert": network.file("client.crt"), "client_key": network.file("client.key")}
    shown = ["--cert", network.file("client.crt"), "--key", network.file("client.key")]
    socket = network.file("gpo.sock")

    def through(proxy: str, **settings: Any) -> dict[str, Any]:
        return {"proxy": proxy, **settings}

    proxies = {
        "http": f"http://{who}:{http_proxy}",
        "socks5": f"socks5://{who}:{socks_proxy}",
        "socks5h": f"socks5h://{who}:{socks_proxy}",
    }
    ways: dict[str, tuple[dict[str, Any], list[str]]] = {
        "header": (
            {"base_url": network.url("gateway"), "headers": _GATEWAY_KEY},
            _CURL_KEY,
        ),
        "authority": ({"base_url": network.url("tls"), **trusting}, ca),
        "client certificate": ({"base_url": network.url("mutual"), **trusting, **one_file}, [*ca, *shown]),
        "client certificate and key": ({"base_url": network.url("mutual"), **trusting, **two_files}, [*ca, *shown]),
        "socket": ({"base_url": f"http+unix://{socket}"}, ["--unix-socket", socket]),
    }
    for name, proxy in proxies.items():
        ways[f"{name} to http"] = through(proxy, base_url=network.url("plain")), ["--proxy", proxy]
        settings = through(proxy, base_url=network.url("mutual"), **trusting, **one_file)
        ways[f"{name} to https"] = settings, ["--proxy", proxy, *ca, *shown]
    return ways


_NAMES = (
    *("header", "authority", "client certificate", "client certificate and key", "socket"),
    *(f"{proxy} to {scheme}" for proxy in ("http", "socks5", "socks5h") for scheme in ("http", "https")),
)


@pytest.mark.parametrize("transport", ["own", pytest.param("httpx", marks=pytest.mark.slow)])
@pytest.mark.parametrize("way", _NAMES)
async def test_way(  # noqa: PLR0917 - most are fixtures
    way: str, transport: str, connect: Connect, network: Network, http_proxy: int, socks_proxy: int
) -> None:
    """A stream, one that is cut and resumed, a deadline, and a call."""
    if transport == "httpx" and way.startswith("socks"):
        pytest.importorskip("socksio")
    settings, _ = _ways(network, http_proxy, socks_proxy)[way]
    async with connect(**settings, transport=transport, retry_backoff_factor=0.0) as client:
        context = (await open_session(client)).chat_context()
        whole = await client.chat_stream(context, {"query": RESICO}).collect()
        cut, silent = {"X-GPO-Fault": "drop-after=3"}, {"X-GPO-Fault": "stall-after=2"}
        resumed = await client.chat_stream(context, {"query": RESICO}, headers=cut).collect()
        with pytest.raises(GPOTimeoutError):
            await client.chat_stream(context, {"query": RESICO}, headers=silent, timeout=0.2).collect()
        known = await client.chat(context, {"query": RESICO})
    assert resumed.resume_count == 1
    assert resumed.content == whole.content == known.message_content


@pytest.mark.parametrize("way", _NAMES)
def test_curl_takes_the_same_way(way: str, network: Network, http_proxy: int, socks_proxy: int) -> None:
    """So the parts are what they should be, and our settings mean what curl's mean."""
    settings, options = _ways(network, http_proxy, socks_proxy)[way]
    base_url = settings["base_url"] if way != "socket" else "http://localhost"
    command = [installed("curl"), "--silent", "--show-error", "--noproxy", "", *options, f"{base_url}/api/User/session"]
    answered = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert '"status"' in answered, "a problem document of the sandbox"
