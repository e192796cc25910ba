"""The client's side of SOCKS 5 (RFC 1928, RFC 1929), without I/O: bytes out, bytes in."""

from __future__ import annotations

from collections.abc import Generator
from ipaddress import ip_address

from gpo_client.http import errors

_VERSION, _CONNECT = 5, 1
_NO_AUTHENTICATION, _PASSWORD, _NONE_OF_THEM = 0, 2, 255
_IPV4, _NAME, _IPV6 = 1, 3, 4
_MOST = 255
# What a proxy answers, and whether it may be otherwise the next time (RFC 1928 §6).
_REPLIES = {
    1: "it fails",
    2: "its rules do not allow it",
    3: "the network is unreachable",
    4: "the host is unreachable",
    5: "connection refused",
    6: "the time to live is over",
    7: "it cannot connect",
    8: "it does not know such addresses",
}
_FINAL = frozenset({2, 7, 8})

#: What to send next, with the bytes that are wanted before anything else can be sent; the result is nothing.
Handshake = Generator[tuple[bytes, int], bytes, None]


def socks_handshake(host: str, port: int, credentials: tuple[str, str] | None) -> Handshake:
    """Have a proxy connect to a host.

    Args:
        host: A name, which the proxy resolves, or an address.
        port: The port.
        credentials: The name and the password to show; None: none.

    Raises:
        ProxyDenied: The proxy does not let us through.
        ProxyFailed: It got no connection, or does not speak SOCKS 5.
    """
    methods = bytes([_NO_AUTHENTICATION] if credentials is None else [_NO_AUTHENTICATION, _PASSWORD])
    version, method = yield bytes([_VERSION, len(methods)]) + methods, 2
    if version != _VERSION:
        raise errors.ProxyDenied("it does not speak SOCKS 5")
    if method == _PASSWORD and credentials is not None:
        _, status = yield b"\1" + b"".join(_counted(each.encode()) for each in credentials), 2
        if status != 0:
            raise errors.ProxyDenied("it does not take this name and password")
    elif method != _NO_AUTHENTICATION:
        wanted = "it wants a name and a password" if credentials is None else "it wants to know more than a password"
        raise errors.ProxyDenied(wanted)
    head = yield bytes([_VERSION, _CONNECT, 0]) + _address(host) + port.to_bytes(2, "big"), 5
    if head[1] != 0:
        kind = errors.ProxyDenied if head[1] in _FINAL else errors.ProxyFailed
        raise kind(_REPLIES.get(head[1], f"it answers {head[1]}"))
    # Where it connects from, which nobody wants to know.
    yield b"", {_IPV4: 4, _IPV6: 16, _NAME: head[4] + 1}.get(head[3], 0) + 1


def _address(host: str) -> bytes:
    try:
        packed = ip_address(host).packed
    except ValueError:
        return bytes([_NAME]) + _counted(host.encode("ascii"))
    return bytes([_IPV4 if len(packed) == 4 else _IPV6]) + packed


def _counted(data: bytes) -> bytes:
    if len(data) > _MOST:
        raise errors.ProxyDenied("SOCKS 5 takes names and passwords of 255 bytes at most")
    return bytes([len(data)]) + data
