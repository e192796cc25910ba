"""TLS within TLS: the blocking client's own way of it, with the outer connection as a script."""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import Any

import pytest
import trustme

from gpo_client.http.network import blocking as tls_in_tls
from gpo_client.http.network.blocking import SyncLine, TlsInTls


class _Outer:
    """The outer connection, with the server of the inner one behind it: gives so many bytes a second.

    Args:
        tls: The server's side.
        size: The bytes.
    """

    def __init__(self, tls: ssl.SSLContext, size: int) -> None:
        self._from_client, self._to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.server = tls.wrap_bio(self._from_client, self._to_client, server_side=True)
        self._size = size
        self.now = 0.0
        self.timeout: float | None = 5.0
        self.waits: list[float | None] = []

    def monotonic(self) -> float:
        return self.now

    def gettimeout(self) -> float | None:
        return self.timeout

    def settimeout(self, timeout: float | None) -> None:
        self.timeout = timeout

    def sendall(self, data: bytes) -> None:
        self._from_client.write(data)
        with suppress(ssl.SSLWantReadError):
            self.server.do_handshake()

    def recv(self, size: int) -> bytes:
        self.waits.append(self.timeout)
        if not self._to_client.pending:
            raise ssl.SSLWantReadError
        self.now += 1.0
        return self._to_client.read(min(size, self._size))


@pytest.fixture
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    """The client's side of the inner connection."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_handshake_that_drips_has_the_time_of_one(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte now and then does not begin the wait anew."""
    outer: Any = _Outer(server_tls, 1)
    monkeypatch.setattr(tls_in_tls, "time", outer)
    with pytest.raises(TimeoutError):
        TlsInTls(outer, client_tls, "127.0.0.1")
    assert outer.waits == [5.0, 4.0, 3.0, 2.0, 1.0]


def test_what_came_besides_is_noticed(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    """A second record that came with the first, of which the system knows nothing any more."""
    outer: Any = _Outer(server_tls, 1 << 20)
    line = SyncLine.__new__(SyncLine)
    line._socket = inner = TlsInTls(outer, client_tls, "127.0.0.1")
    assert line.is_quiet()
    outer.server.write(b"one")
    outer.server.write(b"two")
    assert inner.recv(100) == b"one"
    assert not line.is_quiet()


def test_no_limit(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    """None waits as long as it takes, 0 not at all."""
    outer: Any = _Outer(server_tls, 7)
    outer.timeout = None
    inner = TlsInTls(outer, client_tls, "127.0.0.1")
    assert set(outer.waits) == {None}
    inner.settimeout(0.0)
    with pytest.raises(ssl.SSLWantReadError):
        inner.recv(1)
    assert outer.waits[-1] == 0.0
