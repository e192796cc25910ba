"""Web addresses, taken apart as requests need them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from gpo_client.http.errors import ConnectFailed

_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_UNIX = "http+unix"
# What may stand in a path and in a query as it is (RFC 3986 §3.3, §3.4), and what is written with a percent already.
_PATH = "%/:@!$&'()*+,;=~"
_QUERY = _PATH + "?"


class Origin(NamedTuple):
    """Where a connection leads (RFC 6454).

    Attributes:
        scheme: ``http`` or ``https``; of a proxy ``socks5`` or ``socks5h`` too.
        host: A name in its ASCII form, or an address without brackets.
        port: The port.
        socket: The path of the Unix socket to connect to instead; empty: there is none.
    """

    scheme: str
    host: str
    port: int
    socket: str = ""

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
    """An address.

    Attributes:
        origin: Where it leads.
        target: Path and query.
    """

    origin: Origin
    target: str


@lru_cache(maxsize=64)
def address_of(url: str) -> Address:
    """Take an address apart. Most requests share theirs with the one before.

    Args:
        url: An http or https address, or one of a Unix socket: ``http+unix://%2Frun%2Fgpo.sock/api``.

    Raises:
        ConnectFailed: It names no host that could be.
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
