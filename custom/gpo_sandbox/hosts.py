"""Hosts: listening sockets, the addresses that they are reached by, and whether a request means one of them.

A page of another site gets at a server on somebody's machine in two ways. It sends requests there, which the browser
marks with `Origin` and `Sec-Fetch-Site`; or its own name is made to lead there (DNS rebinding), so that to the browser
all is of one site, and only `Host` tells that another was meant.
"""

import ipaddress
import os
import re
import socket
from collections.abc import Set as AbstractSet

import attrs
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gpo_sandbox.responses import Problem

# How many connections wait to be accepted: as many as uvicorn has it for sockets of its own.
_BACKLOG = 2048
_HOST = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]{2,45})\]|(?P<name>[A-Za-z0-9._-]{1,255}))(?::(?P<port>[0-9]{1,5}))?")
# Names that lead to this machine whatever a name server says.
_ALWAYS = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFAULT_PORTS = {"http": 80, "https": 443}
_REMEDY = "If it is yours, start the sandbox with --allowed-hosts (GPO_SANDBOX_ALLOWED_HOSTS) naming it."


@attrs.frozen
class Host:
    """A host in lower case (an IPv6 address without brackets), and perhaps a port of it."""

    name: str
    port: int | None = None


def parse_host(text: str) -> Host:
    """Read `uri-host [ ":" port ]`, as in RFC 9110 §7.2; case and a dot at the end make no difference. Raises
    ValueError: it is no host.
    """
    found = _HOST.fullmatch(text)
    name = (found["ipv6"] or found["name"].lower().removesuffix(".")) if found else ""
    if found is None or not name:
        raise ValueError(f"must name hosts such as gpo.example.com or gpo.example.com:8443, not {text!r}")
    if found["ipv6"]:
        ipaddress.IPv6Address(name)
    return Host(_plain(name), int(found["port"]) if found["port"] else None)


def _plain(name: str) -> str:
    """Write an address the one way in which it is compared."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


class AddressGuard:
    """ASGI middleware that lets in what was sent to this server, from no page of another site.

    `allowed` are hosts by which it is reached too; one without a port on any.
    """

    def __init__(self, app: ASGIApp, allowed: AbstractSet[Host] = frozenset()) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Raises Problem if it is for another host, or from another site's page."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            self._check_host(headers.getlist("Host"), scope.get("server"))
            self._check_site(scope["method"], headers, scope.get("server"))
        await self._app(scope, receive, send)

    def _check_host(self, given: list[str], server: tuple[str, int | None] | None) -> None:
        try:
            (text,) = given
            host = parse_host(text)
        except ValueError:
            raise Problem("host_not_served", f"One Host is needed, not {given!r}.", field="Host") from None
        # Another port is no sign of another site: a name server cannot change it, a forwarded port does.
        if not self._serves(host, server) and not self._names(host.name, server):
            detail = f"The host {text!r} is not served here. {_REMEDY}"
            raise Problem("host_not_served", detail, field="Host")

    def _check_site(self, method: str, headers: Headers, server: tuple[str, int | None] | None) -> None:
        for origin in headers.getlist("Origin"):
            if not self._is_ours(origin, server):
                raise Problem("cross_site", f"Pages of {origin!r} may not ask here. {_REMEDY}", field="Origin")
        # A link from elsewhere may be followed; that shows the page and does nothing.
        followed = method in {"GET", "HEAD"} and headers.get("Sec-Fetch-Mode") == "navigate"
        for site in headers.getlist("Sec-Fetch-Site"):
            if site not in {"same-origin", "none"} and not (followed and headers.get("Sec-Fetch-Dest") == "document"):
                raise Problem("cross_site", "Pages of other sites may not ask here.", field="Sec-Fetch-Site")

    def _is_ours(self, origin: str, server: tuple[str, int | None] | None) -> bool:
        scheme, _, authority = origin.partition("://")
        try:
            host = parse_host(authority)
        except ValueError:  # such as null
            return False
        port = host.port or _DEFAULT_PORTS.get(scheme)
        return scheme in _DEFAULT_PORTS and self._serves(attrs.evolve(host, port=port), server)

    def _serves(self, host: Host, server: tuple[str, int | None] | None) -> bool:
        if host in self._allowed or Host(host.name) in self._allowed:
            return True
        return server is not None and host.port == server[1] and self._names(host.name, server)

    def _names(self, name: str, server: tuple[str, int | None] | None) -> bool:
        return name in _ALWAYS or (server is not None and name == _plain(server[0]))


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket; port 0 takes a free one. Raises OSError if the address cannot be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's algorithm off only where it is: without that, every response
    # in two writes waits some 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # On Windows this would let two servers share a port; elsewhere it lets one restart at once.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def address_of(listener: socket.socket) -> str:
    """Return the address at which a listening socket is reached, without a slash at the end."""
    host, port = listener.getsockname()[:2]
    return http_address(host, port)


def http_address(host: str, port: int) -> str:
    """Write an address; IPv6 ones go in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
