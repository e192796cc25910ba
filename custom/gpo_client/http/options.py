"""Where connections lead, how a transport makes them, and how long they may take."""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

import attrs

from gpo_client.http.errors import ConnectFailed

# Idle connections are kept a little shorter than servers usually keep them, so that a request rarely meets one that
# is being closed at the other end.
KEEP_IDLE = 4.0
# How long, after silence, the system asks whether the other side is still there, and how often it asks again.
_PROBES = 4
_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_UNIX = "http+unix"
# What may stand in a path and in a query as it is (RFC 3986 §3.3, §3.4), and what is written with a percent already.
_PATH = "%/:@!$&'()*+,;=~"
_QUERY = _PATH + "?"


class Origin(NamedTuple):
    """Where a connection leads (RFC 6454)."""

    scheme: str  # ``http`` or ``https``; of a proxy ``socks5`` or ``socks5h`` too
    host: str  # a name in its ASCII form, or an address without brackets
    port: int
    socket: str = ""  # the path of the Unix socket to connect to instead; empty: there is none

    @property
    def is_tls(self) -> bool:
        """Whether connections to it are encrypted."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Host and port, as a tunnel is asked for."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def netloc(self) -> str:
        """Host and port as ``Host`` has them: without the port that goes without saying."""
        authority = self.authority
        return authority.removesuffix(f":{self.port}") if _PORTS[self.scheme] == self.port else authority


class Address(NamedTuple):
    """An address: where it leads, and path and query."""

    origin: Origin
    target: str


@lru_cache(maxsize=64)
def address_of(url: str) -> Address:
    """Take an address apart: http, https, or ``http+unix://%2Frun%2Fgpo.sock/api``. Most requests share theirs.

    Raises ConnectFailed if it names no host that could be.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme == _UNIX:
            origin = Origin("http", "localhost", _PORTS["http"], unquote(parts.netloc))
        else:
            origin = Origin(parts.scheme, _ascii(parts.hostname or ""), parts.port or _PORTS[parts.scheme])
    except (ValueError, KeyError) as error:  # UnicodeError too
        raise ConnectFailed(f"{url!r} is no address: {error}") from error
    query = f"?{quote(parts.query, safe=_QUERY)}" if parts.query else ""
    return Address(origin, (quote(parts.path, safe=_PATH) or "/") + query)


def _ascii(host: str) -> str:
    """Return a host's name as the network knows it (RFC 5891)."""
    if host.isascii():
        return host
    import idna  # only such names need it

    return idna.encode(host.lower()).decode("ascii")


@attrs.frozen
class Proxy:
    """A proxy."""

    origin: Origin
    # The name and the password of who asks; None: nobody in particular
    credentials: tuple[str, str] | None = attrs.field(default=None, repr=False)
    named_by: str = ""  # who has named it, for errors

    @classmethod
    def at(cls, url: str, named_by: str = "") -> Proxy:
        """Return the proxy at an address, which may hold a name and a password."""
        parts = urlsplit(url)
        credentials = None
        if parts.username is not None:
            credentials = unquote(parts.username), unquote(parts.password or "")
        return cls(address_of(url).origin, credentials, named_by)

    @property
    def is_socks(self) -> bool:
        """Whether it passes on bytes of whatever kind (RFC 1928); others speak HTTP."""
        return self.origin.scheme.startswith("socks5")

    @property
    def authorization(self) -> str | None:
        """What a proxy of HTTP is told of who asks (RFC 7617)."""
        if self.credentials is None:
            return None
        return "Basic " + b64encode(":".join(self.credentials).encode()).decode("ascii")

    @property
    def name(self) -> str:
        """The proxy in words."""
        return f"the proxy at {self.origin.authority}" + (f" ({self.named_by})" if self.named_by else "")


@attrs.frozen
class Options:
    """How a transport connects."""

    max_connections: int = 100  # how many exchanges there may be at a time, on each event loop
    tls: ssl.SSLContext | None = None  # the context for https; None: no https
    proxy: Proxy | None = None  # what to go through; None: connect directly
    # After how many seconds of silence the system asks whether the peer is there; None: never
    tcp_keepalive: float | None = 60.0
    proxy_tls: ssl.SSLContext | None = None  # the context for a proxy that is reached by https
    keep_idle: float = KEEP_IDLE  # seconds that a connection may lie unused

    def prepare(self, connected: socket.socket) -> None:
        """Set what a connected socket is to have."""
        if connected.family not in (socket.AF_INET, socket.AF_INET6):  # a Unix socket has none of it
            return
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tcp_keepalive is None:
            return
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        seconds = max(int(self.tcp_keepalive), 1)
        for name, value in (
            ("TCP_KEEPIDLE", seconds),
            ("TCP_KEEPALIVE", seconds),  # its name on macOS
            ("TCP_KEEPINTVL", max(seconds // _PROBES, 1)),
            ("TCP_KEEPCNT", _PROBES),
        ):
            if (option := getattr(socket, name, None)) is not None:
                connected.setsockopt(socket.IPPROTO_TCP, option, value)


class Limits(NamedTuple):
    """How long the steps to the head of an answer may take, in seconds; None: without limit."""

    connect: float | None  # to connect, TLS and proxies included
    pool: float | None  # to wait for a place among the connections
    head: float | None  # to wait for the head
