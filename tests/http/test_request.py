"""The bytes of requests, and the pieces that they go out in."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client.http.errors import ProtocolViolation, ProxyDenied, ProxyFailed
from gpo_client.http.options import address_of
from gpo_client.http.request import Message, Request, pieces, request_bytes, socks_handshake

_ADDRESS = address_of("https://gpo.example.com:8443/api/Chat?page=2")


def _written(method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b"", **more: str) -> bytes:
    return bytes(request_bytes(Request(method, _ADDRESS, headers or {}, body), "/api/Chat?page=2", more))


@pytest.mark.parametrize(
    ("request_", "lines"),
    [
        (("GET",), b"Host: gpo.example.com:8443"),
        (("GET", {"Accept": "a/b", "X-B": ""}), b"Host: gpo.example.com:8443\r\nAccept: a/b\r\nX-B: "),
        (("GET", {"X": "y", "hOsT": "other.example.com"}), b"Host: other.example.com\r\nX: y"),
        (("POST",), b"Host: gpo.example.com:8443\r\nContent-Length: 0"),
        (("POST", {}, b"abc"), b"Host: gpo.example.com:8443\r\nContent-Length: 3"),
        (("DELETE", {}, b"abc"), b"Host: gpo.example.com:8443\r\nContent-Length: 3"),
        (("PUT", {"content-length": "3"}, b"abc"), b"Host: gpo.example.com:8443\r\ncontent-length: 3"),
    ],
)
def test_bytes(request_: Any, lines: bytes) -> None:
    """The host first, the length where one is expected, the rest as given."""
    method, body = request_[0].encode(), request_[2] if len(request_) > 2 else b""
    assert _written(*request_) == method + b" /api/Chat?page=2 HTTP/1.1\r\n" + lines + b"\r\n\r\n" + body


def test_fields_for_a_proxy() -> None:
    """They come after those of the request."""
    assert _written(headers={"A": "b"}, Proxy="p").endswith(b"\r\nA: b\r\nProxy: p\r\n\r\n")


@pytest.mark.parametrize("field", [("A", "b\r\nC: d"), ("A", "b\n"), ("A", "\0"), ("A b", "c"), ("A:", "c"), ("", "c")])
def test_what_would_end_its_line(field: tuple[str, str]) -> None:
    """A name that is none, or a value with a line end."""
    with pytest.raises(ProtocolViolation, match="cannot be sent: it would end its line"):
        _written(headers=dict([field]))
    with pytest.raises(ProtocolViolation, match=r"^a header field holds what is no ASCII$"):
        _written(headers={"A": "ä"})


def test_parts_are_not_shown_either() -> None:
    """Tracebacks show the number of bytes."""
    message = Message(b"secret")
    assert (repr(message), repr(message[1:]), message[0]) == ("<6 bytes>", "<5 bytes>", ord("s"))


def test_pieces() -> None:
    """In one, if nobody wants to know; else head and body apart, each told when it is out."""
    told: list[tuple[int, int]] = []
    body = bytes(150_000)
    request = Request("POST", _ADDRESS, {}, body)
    message = request_bytes(request, "/")
    assert list(pieces(message, request)) == [message]
    watched = Request("POST", _ADDRESS, {}, body, on_progress=lambda *so_far: told.append(so_far))
    out = list(pieces(message, watched))
    assert b"".join(out) == message
    assert [len(piece) for piece in out[1:]] == [65536, 65536, 150_000 - 2 * 65536]
    assert told == [(0, 150_000), (65536, 150_000), (131072, 150_000), (150_000, 150_000)]


def _shake(host: str, credentials: tuple[str, str] | None, *replies: bytes) -> list[tuple[bytes, int]]:
    """What a proxy is told, each with how many bytes are wanted then; to its end, or as long as there are replies."""
    handshake = socks_handshake(host, 0x1234, credentials)
    told = [next(handshake)]
    told.extend(map(handshake.send, replies))
    return told


_TAKEN = b"\5\0\0"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("gpo.example.com", b"\3\x0fgpo.example.com"),
        ("192.0.2.1", b"\1\xc0\0\2\1"),
        ("2001:db8::1", b"\4\x20\x01\x0d\xb8" + bytes(11) + b"\1"),
        ("x" * 255, b"\3\xff" + b"x" * 255),
    ],
)
def test_socks(host: str, address: bytes) -> None:
    """Byte for byte (RFC 1928): with a name and a password or without, to a name or an address."""
    connect = (b"\5\1\0" + address + b"\x12\x34", 5)
    assert _shake(host, None, b"\5\0", _TAKEN + b"\1\xc0", b"") == [(b"\5\1\0", 2), connect, (b"", 5)]
    assert _shake(host, ("ana", "pass"), b"\5\0", _TAKEN + b"\4\0", b"") == [(b"\5\2\0\2", 2), connect, (b"", 17)]
    told = _shake(host, ("ana", "pass"), b"\5\2", b"\1\0", _TAKEN + b"\3\x07", b"")
    assert told == [(b"\5\2\0\2", 2), (b"\1\3ana\4pass", 2), connect, (b"", 9)]


_LOGIN = ("ana", "pass")
_REFUSED: list[tuple[tuple[str, str] | None, list[bytes], type[Exception], str]] = [
    (None, [b"HT"], ProxyDenied, "it does not speak SOCKS 5"),
    (None, [b"\5\2"], ProxyDenied, "it wants a name and a password"),
    (None, [b"\5\xff"], ProxyDenied, "it wants a name and a password"),
    (_LOGIN, [b"\5\xff"], ProxyDenied, "it wants to know more than a password"),
    (_LOGIN, [b"\5\1"], ProxyDenied, "it wants to know more than a password"),
    (_LOGIN, [b"\5\2", b"\1\1"], ProxyDenied, "it does not take this name and password"),
    (None, [b"\5\0", b"\5\1\0\1\0"], ProxyFailed, "it fails"),
    (None, [b"\5\0", b"\5\2\0\1\0"], ProxyDenied, "its rules do not allow it"),
    (None, [b"\5\0", b"\5\5\0\1\0"], ProxyFailed, "connection refused"),
    (None, [b"\5\0", b"\5\7\0\1\0"], ProxyDenied, "it cannot connect"),
    (None, [b"\5\0", b"\5\x08\0\1\0"], ProxyDenied, "it does not know such addresses"),
    (None, [b"\5\0", b"\5\x09\0\1\0"], ProxyFailed, "it answers 9"),
    (None, [b"\5\0", b"\4\0\0\1\0"], ProxyDenied, "it does not speak SOCKS 5"),
    (None, [b"\5\0", b"\5\0\0\2\0"], ProxyDenied, "it does not speak SOCKS 5"),
    (("a" * 256, ""), [b"\5\2"], ProxyDenied, "SOCKS 5 takes names and passwords of 255 bytes at most"),
]  # fmt: skip


@pytest.mark.parametrize(("credentials", "replies", "error", "told"), _REFUSED, ids=str)
def test_socks_refused(
    credentials: tuple[str, str] | None, replies: list[bytes], error: type[Exception], told: str
) -> None:
    """With what it means, and whether it may be otherwise the next time."""
    with pytest.raises(ProxyFailed) as caught:
        _shake("gpo.example.com", credentials, *replies)
    assert (type(caught.value), str(caught.value)) == (error, told)
