"""A request and its bytes (RFC 9112 §3), and those that a SOCKS 5 proxy is told before it (RFC 1928, RFC 1929)."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import lru_cache
from ipaddress import ip_address
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import attrs

from gpo_client.http import errors

if TYPE_CHECKING:
    from gpo_client.http.options import Address

# RFC 9110 §8.6: these say the length even of no body.
_EXPECT_A_BODY = frozenset({"POST", "PUT", "PATCH"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_VALUES = re.compile(r"[\r\n\0]")
# Small enough that a progress bar moves, large enough that it costs nothing.
_PIECE = 64 * 1024


@attrs.frozen
class Request:
    """What to send. Header fields and body are not in ``repr``: they hold what is nobody else's business."""

    method: str  # ``GET``, ``POST`` …
    address: Address
    # Header fields, but for those that frame the message: they are added where they are missing
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(default=b"", repr=False)
    # Whether it may go out again when a connection that lay idle turns out dead (RFC 9112 §9.3.1)
    is_repeatable: bool = False
    # Called as the body goes out, piece by piece, with the bytes so far and how many there are. What it raises ends the
    # exchange
    on_progress: Callable[[int, int], object] | None = attrs.field(default=None, repr=False)


class Message(bytes):
    """The bytes of a request, which hold its bearer: tracebacks with local variables show their number instead."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"

    def __getitem__(self, part: Any) -> Any:
        """Return a part of it is as little to be shown."""
        found = cast("Any", super()).__getitem__(part)
        return Message(found) if isinstance(found, bytes) else found


def request_bytes(request: Request, target: str, more: Mapping[str, str] = MappingProxyType({})) -> Message:
    """Head and body in one piece: every write is a system call, and wakes the server once more.

    A proxy is told the whole address (``target``), and ``more`` header fields. Raises ProtocolViolation: a name or a
    value would end its line.
    """
    fields = {**request.headers, **more}
    for name, value in fields.items():
        if not _is_token(name) or _NOT_IN_VALUES.search(value):
            raise errors.ProtocolViolation(f"the header field {name!r} cannot be sent: it would end its line")
    names = {name.lower(): name for name in fields}
    host = fields[names["host"]] if "host" in names else request.address.origin.netloc
    lines = [f"{request.method} {target} HTTP/1.1", f"Host: {host}"]
    if (request.body or request.method in _EXPECT_A_BODY) and "content-length" not in names:
        lines.append(f"Content-Length: {len(request.body)}")
    lines.extend("".join((name, ": ", value)) for name, value in fields.items() if name != names.get("host"))
    try:
        return Message("\r\n".join((*lines, "", "")).encode("ascii") + request.body)
    except UnicodeEncodeError:
        raise errors.ProtocolViolation("a header field holds what is no ASCII") from None


def pieces(message: Message, request: Request) -> Iterator[bytes]:
    """Return the message as it is written.

    In one piece, or where somebody wants to know in several, told as each is out.
    """
    if request.on_progress is None:
        yield message
        return
    total, head = len(request.body), len(message) - len(request.body)
    if head:
        yield message[:head]
    request.on_progress(0, total)
    for start in range(head, len(message), _PIECE):
        yield message[start : start + _PIECE]
        request.on_progress(min(start - head + _PIECE, total), total)


@lru_cache(maxsize=256)
def _is_token(name: str) -> bool:
    return _TOKEN.fullmatch(name) is not None


_VERSION, _CONNECT = 5, 1
_NO_AUTHENTICATION, _PASSWORD = 0, 2
_IPV4, _NAME, _IPV6 = 1, 3, 4
_MOST = 255
_ANOTHER_PROTOCOL = "it does not speak SOCKS 5"
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
    """Have a proxy connect to a host: a name, which the proxy resolves, or an address.

    Raises ProxyDenied: the proxy does not let us through; ProxyFailed: it got no connection, or does not speak SOCKS 5.
    """
    methods = bytes([_NO_AUTHENTICATION] if credentials is None else [_NO_AUTHENTICATION, _PASSWORD])
    version, method = yield bytes([_VERSION, len(methods)]) + methods, 2
    if version != _VERSION:
        raise errors.ProxyDenied(_ANOTHER_PROTOCOL)
    if method == _PASSWORD and credentials is not None:
        _, status = yield b"\1" + b"".join(_counted(each.encode()) for each in credentials), 2
        if status != 0:
            raise errors.ProxyDenied("it does not take this name and password")
    elif method != _NO_AUTHENTICATION:
        wanted = "it wants a name and a password" if credentials is None else "it wants to know more than a password"
        raise errors.ProxyDenied(wanted)
    head = yield bytes([_VERSION, _CONNECT, 0]) + _address(host) + port.to_bytes(2), 5
    if head[0] != _VERSION:
        raise errors.ProxyDenied(_ANOTHER_PROTOCOL)
    if head[1] != 0:
        kind = errors.ProxyDenied if head[1] in _FINAL else errors.ProxyFailed
        raise kind(_REPLIES.get(head[1], f"it answers {head[1]}"))
    # Where it connects from, which nobody wants to know; but what comes after it is the server's.
    if (size := {_IPV4: 4, _IPV6: 16, _NAME: head[4] + 1}.get(head[3])) is None:
        raise errors.ProxyDenied(_ANOTHER_PROTOCOL)
    yield b"", size + 1


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
