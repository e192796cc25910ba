"""How a transport connects."""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from urllib.parse import unquote, urlsplit

import attrs

from gpo_client.http.address import Origin, address_of

# Idle connections are kept a little shorter than servers usually keep them, so that a request rarely meets one that
# is being closed at the other end.
KEEP_IDLE = 4.0
# How long, after silence, the system asks whether the other side is still there, and how often it asks again.
_PROBES = 4


@attrs.frozen
class Proxy:
    """A proxy.

    Attributes:
        origin: Where it is.
        credentials: The name and the password of who asks; None: nobody in particular.
        named_by: Who has named it, for errors.
    """

    origin: Origin
    credentials: tuple[str, str] | None = attrs.field(default=None, repr=False)
    named_by: str = ""

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
    """How a transport connects.

    Attributes:
        max_connections: How many exchanges there may be at a time, on each event loop.
        tls: The context for https; None: no https.
        proxy: What to go through; None: connect directly.
        tcp_keepalive: After how many seconds of silence the system asks whether the peer is there; None: never.
        proxy_tls: The context for a proxy that is reached by https.
        keep_idle: Seconds that a connection may lie unused.
    """

    max_connections: int = 100
    tls: ssl.SSLContext | None = None
    proxy: Proxy | None = None
    tcp_keepalive: float | None = 60.0
    proxy_tls: ssl.SSLContext | None = None
    keep_idle: float = KEEP_IDLE

    def context(self, origin: Origin) -> ssl.SSLContext | None:
        """Return the TLS context for an origin; None: in the clear."""
        return self.tls if origin.is_tls else None

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
