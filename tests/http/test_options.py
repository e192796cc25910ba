"""Where connections lead, proxies, and what a socket is told: word for word."""

from __future__ import annotations

import socket
from typing import Any, cast

import pytest

from gpo_client.http.errors import ConnectFailed
from gpo_client.http.options import Address, Options, Origin, Proxy, address_of

_HOST = "gpo.example.com"


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("http://gpo.example.com", Origin("http", _HOST, 80), "/"),
        ("https://GPO.example.com/api?page=2", Origin("https", _HOST, 443), "/api?page=2"),
        ("https://gpo.example.com:8443/?", Origin("https", _HOST, 8443), "/"),
        (
            "http://[2001:DB8::1]:8760/a b/%2F?c d=%20&e?/#f",
            Origin("http", "2001:db8::1", 8760),
            "/a%20b/%2F?c%20d=%20&e?/",
        ),
        ("http://BÜCHER.example/ä?ö", Origin("http", "xn--bcher-kva.example", 80), "/%C3%A4?%C3%B6"),
        ("http+unix://%2Frun%2Fgpo.sock/api?a", Origin("http", "localhost", 80, "/run/gpo.sock"), "/api?a"),
        ("socks5://gpo.example.com", Origin("socks5", _HOST, 1080), "/"),
        ("socks5h://gpo.example.com", Origin("socks5h", _HOST, 1080), "/"),
        ("http:///api", Origin("http", "", 80), "/api"),
    ],
)
def test_addresses(url: str, origin: Origin, target: str) -> None:
    """Taken apart: the host as the network knows it, path and query as they may stand in a request."""
    assert address_of(url) == Address(origin, target)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://gpo.example.com", "'ftp'"),
        ("http://gpo.example.com:x", "Port could not be cast to integer value as 'x'"),
        ("http://☃.example", "Codepoint U+2603 at position 1 of '☃' not allowed"),
    ],
)
def test_addresses_of_nothing(url: str, told: str) -> None:
    """With what is wrong with them."""
    with pytest.raises(ConnectFailed) as caught:
        address_of(url)
    assert str(caught.value) == f"{url!r} is no address: {told}" == f"{url!r} is no address: {caught.value.__cause__}"


@pytest.mark.parametrize(
    ("origin", "authority", "netloc", "is_tls"),
    [
        (Origin("http", _HOST, 80), "gpo.example.com:80", "gpo.example.com", False),
        (Origin("http", _HOST, 443), "gpo.example.com:443", "gpo.example.com:443", False),
        (Origin("https", _HOST, 443), "gpo.example.com:443", "gpo.example.com", True),
        (Origin("https", _HOST, 80), "gpo.example.com:80", "gpo.example.com:80", True),
        (Origin("https", "::1", 443), "[::1]:443", "[::1]", True),
    ],
)
def test_origins(origin: Origin, authority: str, netloc: str, is_tls: bool) -> None:
    """A tunnel is asked for with the port, Host has it where it does not go without saying."""
    assert (origin.authority, origin.netloc, origin.is_tls) == (authority, netloc, is_tls)


@pytest.mark.parametrize(
    ("url", "credentials", "authorization"),
    [
        ("http://proxy.example.com:3128", None, None),
        ("http://an%61:p%C3%A4%2F%3A@proxy.example.com:3128", ("ana", "pä/:"), "Basic YW5hOnDDpC86"),
        ("http://ana@proxy.example.com:3128", ("ana", ""), "Basic YW5hOg=="),
    ],
)
def test_proxies(url: str, credentials: tuple[str, str] | None, authorization: str | None) -> None:
    """Name and password are those of the address, and shown nowhere."""
    proxy = Proxy.at(url, "the argument")
    assert proxy == Proxy(Origin("http", "proxy.example.com", 3128), credentials, "the argument")
    assert proxy.authorization == authorization
    assert "ana" not in repr(proxy)
    assert proxy.name == "the proxy at proxy.example.com:3128 (the argument)"
    assert Proxy.at(url).name == "the proxy at proxy.example.com:3128"


@pytest.mark.parametrize(
    ("scheme", "is_socks"), [("http", False), ("https", False), ("socks5", True), ("socks5h", True)]
)
def test_proxies_of_socks(scheme: str, is_socks: bool) -> None:
    """They pass on whatever comes."""
    assert Proxy.at(f"{scheme}://proxy.example.com").is_socks is is_socks


class _Socket:
    """Notes what it is told."""

    def __init__(self, family: int) -> None:
        self.family = family
        self.told: list[tuple[int, int, int]] = []

    def setsockopt(self, *option: int) -> None:
        self.told.append(cast("Any", option))


_TCP = socket.IPPROTO_TCP
_AT_ONCE, _ASKING = (_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


@pytest.mark.parametrize(
    ("family", "seconds", "told"),
    [
        (socket.AF_INET, 62.5, (_AT_ONCE, _ASKING, (_TCP, 11, 62), (_TCP, 12, 62), (_TCP, 13, 15), (_TCP, 14, 4))),
        (socket.AF_INET6, 0.5, (_AT_ONCE, _ASKING, (_TCP, 11, 1), (_TCP, 12, 1), (_TCP, 13, 1), (_TCP, 14, 4))),
        (socket.AF_INET, None, (_AT_ONCE,)),
        (socket.AF_UNIX, 60.0, ()),
    ],
)
def test_what_sockets_are_told(
    family: int, seconds: float | None, told: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To send at once, and to ask whether the other side is there; not those of this machine alone."""
    for number, name in enumerate(("TCP_KEEPIDLE", "TCP_KEEPALIVE", "TCP_KEEPINTVL", "TCP_KEEPCNT"), 11):
        monkeypatch.setattr(socket, name, number, raising=False)
    connected = _Socket(family)
    Options(tcp_keepalive=seconds).prepare(cast("Any", connected))
    assert connected.told == list(told)


def test_systems_that_cannot_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a system has no name for is left to it."""
    for name in ("TCP_KEEPIDLE", "TCP_KEEPALIVE", "TCP_KEEPINTVL", "TCP_KEEPCNT"):
        monkeypatch.delattr(socket, name, raising=False)
    connected = _Socket(socket.AF_INET)
    Options().prepare(cast("Any", connected))
    assert connected.told == [_AT_ONCE, _ASKING]
