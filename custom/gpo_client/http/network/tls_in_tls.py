"""TLS within TLS, for blocking clients: to a server of https through a proxy of https."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

_RECORD = 16384 + 2048


class TlsInTls:
    """As much of a socket as a line uses. ``ssl.wrap_socket`` wants the system's own sockets.

    Args:
        outer: The encrypted connection to the proxy.
        context: The context of the connection within it.
        host: The name that the certificate within is for.
    """

    def __init__(self, outer: ssl.SSLSocket, context: ssl.SSLContext, host: str) -> None:
        self._outer = outer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._inner = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._do(self._inner.do_handshake)

    def recv(self, size: int) -> bytes:
        """As a socket's."""
        try:
            return self._do(lambda: self._inner.read(size))  # type: ignore[no-any-return]
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def sendall(self, data: bytes) -> None:
        """As a socket's."""
        if data:
            self._do(lambda: self._inner.write(data))

    def getpeercert(self, binary_form: bool) -> Any:
        """As a socket's."""
        return self._inner.getpeercert(binary_form)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outer, name)

    def _do(self, work: Callable[[], Any]) -> Any:
        while True:
            try:
                outcome = work()
            except ssl.SSLWantReadError:
                self._outer.sendall(self._outgoing.read())
                if data := self._outer.recv(_RECORD):
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            else:
                self._outer.sendall(self._outgoing.read())
                return outcome
