"""Streams, resumes and deadlines on every way through a company's network, and what curl says to the same settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from gpo_client import GPOTimeoutError
from tests.client.users import RESICO, open_session
from tests.company.conftest import Network
from tests.support.parts import installed

Connect = Callable[..., Any]
#: Gives a part of the network by its name: a fixture's.
Part = Callable[[str], Any]
_WHO = "ana:pa%2Ess@127.0.0.1"


@attrs.frozen
class Way:
    """A way to the sandbox.

    Attributes:
        settings: Those of a client.
        curl: The options that tell curl the same.
        environment: Variables, for both.
    """

    settings: dict[str, Any]
    curl: list[str] = attrs.Factory(list)
    environment: dict[str, str] = attrs.Factory(dict)


def _gateway(network: Network, part: Part) -> Way:
    key = "g4teway-s3cr3t"
    settings = {"base_url": network.url("gateway"), "headers": {"X-Gateway-Key": key}}
    return Way(settings, ["-H", f"X-Gateway-Key: {key}"])


def _socket(network: Network, part: Part) -> Way:
    socket = network.file("gpo.sock")
    return Way({"base_url": f"http+unix://{socket}"}, ["--unix-socket", socket])


def _authority(network: Network, part: Part) -> Way:
    authority = network.file("ca.pem")
    return Way({"base_url": network.url("tls"), "ca_bundle": authority}, ["--cacert", authority])


def _certificate(network: Network, part: Part) -> Way:
    trusting, certificate, key = _authority(network, part), network.file("client.crt"), network.file("client.key")
    shown = {"base_url": network.url("mutual"), "client_cert": certificate, "client_key": key}
    return Way({**trusting.settings, **shown}, [*trusting.curl, "--cert", certificate, "--key", key])


def _certificate_with_key(network: Network, part: Part) -> Way:
    way = _certificate(network, part)
    one_file = {"client_cert": network.file("client.pem"), "client_key": None}
    return Way({**way.settings, **one_file}, way.curl)


def _to_http(network: Network, part: Part) -> Way:
    return Way({"base_url": network.url("plain")})


def _through(proxy: Callable[[Part], str], to: Callable[[Network, Part], Way]) -> Callable[[Network, Part], Way]:
    def way(network: Network, part: Part) -> Way:
        url, inner = proxy(part), to(network, part)
        # The authority of the proxy's certificate is that of the network; a client trusts it by the same setting.
        trusting = _authority(network, part)
        settings = {"ca_bundle": trusting.settings["ca_bundle"], **inner.settings, "proxy": url}
        return Way(settings, ["--proxy-cacert", network.file("ca.pem"), "--proxy", url, *inner.curl])

    return way


def _inspected(network: Network, part: Part) -> Way:
    """Nothing is said of the authority: it is in the system's store, whose folder the variable names."""
    inspector = part("inspector")
    proxy = f"http://127.0.0.1:{inspector.port}"
    way = Way({"base_url": network.url("tls"), "proxy": proxy}, ["--proxy", proxy, "--capath", inspector.store])
    return attrs.evolve(way, environment={"SSL_CERT_DIR": inspector.store})


#: The proxies that make test-all installs, and those that no target does.
_PROXIES: dict[str, Callable[[Part], str]] = {
    "http": lambda part: f"http://{_WHO}:{part('http_proxy')}",
    "socks5": lambda part: f"socks5://{_WHO}:{part('socks_proxy')}",
    "socks5h": lambda part: f"socks5h://{_WHO}:{part('socks_proxy')}",
}
_OPTIONAL: dict[str, Callable[[Part], str]] = {
    "squid": lambda part: f"http://{_WHO}:{part('squid')['plain']}",
    "squid by https": lambda part: f"https://{_WHO}:{part('squid')['tls']}",
    "dante": lambda part: f"socks5h://127.0.0.1:{part('dante')}",
}
_WAYS: dict[str, Callable[[Network, Part], Way]] = {
    "header": _gateway,
    "authority": _authority,
    "client certificate": _certificate_with_key,
    "client certificate and key": _certificate,
    "socket": _socket,
    "mitmproxy": _inspected,
}
for _name, _proxy in (*_PROXIES.items(), *_OPTIONAL.items()):
    _WAYS[f"{_name} to http"] = _through(_proxy, _to_http)
    _WAYS[f"{_name} to https"] = _through(_proxy, _certificate_with_key)
_IS_OPTIONAL = ("mitmproxy", *_OPTIONAL)
_MARKED = [pytest.param(name, marks=pytest.mark.slow) if name.startswith(_IS_OPTIONAL) else name for name in _WAYS]


@pytest.fixture
def taken(way: str, network: Network, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Way:
    """The way, with its parts running."""
    taken = _WAYS[way](network, request.getfixturevalue)
    for name, value in taken.environment.items():
        monkeypatch.setenv(name, value)
    return taken


@pytest.mark.parametrize("transport", ["own", pytest.param("httpx", marks=pytest.mark.slow)])
@pytest.mark.parametrize("way", _MARKED)
async def test_way(way: str, taken: Way, transport: str, connect: Connect) -> None:
    """A stream, one that is cut and resumed, a deadline, and a call."""
    if transport == "httpx" and taken.settings.get("proxy", "").startswith("socks"):
        pytest.importorskip("socksio")
    async with connect(**taken.settings, transport=transport, retry_backoff_factor=0.0) as client:
        context = (await open_session(client)).chat_context()
        whole = await client.chat_stream(context, {"query": RESICO}).collect()
        cut, silent = {"X-GPO-Fault": "drop-after=3"}, {"X-GPO-Fault": "stall-after=2"}
        resumed = await client.chat_stream(context, {"query": RESICO}, headers=cut).collect()
        with pytest.raises(GPOTimeoutError):
            await client.chat_stream(context, {"query": RESICO}, headers=silent, timeout=0.2).collect()
        known = await client.chat(context, {"query": RESICO})
    assert resumed.resume_count == 1
    assert resumed.content == whole.content == known.message_content


@pytest.mark.parametrize("way", _MARKED)
def test_curl_takes_the_same_way(way: str, taken: Way) -> None:
    """So the parts are what they should be, and our settings mean what curl's mean."""
    base_url = taken.settings["base_url"] if way != "socket" else "http://localhost"
    command = [installed("curl"), "-sS", "--noproxy", "", *taken.curl, f"{base_url}/api/User/session"]
    environment = {**os.environ, **taken.environment}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert '"status"' in done.stdout, (done, "a problem document of the sandbox is missing")
