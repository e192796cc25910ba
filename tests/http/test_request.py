"""The bytes of requests, and the pieces that they go out in."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client.http.errors import ProtocolViolation
from gpo_client.http.exchange import Request
from gpo_client.http.options import address_of
from gpo_client.http.request import Message, pieces, request_bytes

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
    with pytest.raises(ProtocolViolation, match="a header field holds what is no ASCII"):
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
