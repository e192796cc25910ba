"""TLS within TLS, for blocking clients: to a server of https through a proxy of https."""

from __future__ import annotations

import ssl
import time
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
        self._timeout: float | None = outer.gettimeout()
        self._inner = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._do(self._inner.do_handshake)

    def settimeout(self, timeout: float | None) -> None:
        """As a socket's: for all that one call waits for, however many records of the outer connection that takes."""
        self._timeout = timeout

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
        ends = None if not self._timeout else time.monotonic() + self._timeout
        while True:
            try:
                outcome = work()
            except ssl.SSLWantReadError:
                self._send(ends)
                self._limit(ends)
                if data := self._outer.recv(_RECORD):
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            else:
                self._send(ends)
                return outcome

    def _send(self, ends: float | None) -> None:
        if self._outgoing.pending:
            self._limit(ends)
            self._outer.sendall(self._outgoing.read())

    def _limit(self, ends: float | None) -> None:
        """Wait for the rest of the time at most.

        Raises:
            TimeoutError: It is over.
        """
        left = self._timeout if ends is None else ends - time.monotonic()
        if ends is not None and left is not None and left <= 0:
            raise TimeoutError
        self._outer.settimeout(left)
