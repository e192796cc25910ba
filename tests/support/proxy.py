"""A forward proxy on raw sockets: passes requests on, and opens tunnels.

with ForwardProxy() as proxy:
    ...  # ask through proxy.url
    assert proxy.requests == [...]

One with a TLS context is reached by https.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.support.wire_script import Received


class ForwardProxy:
    """The proxy (RFC 9110 §7.6, §9.3.6); a context manager that ends every thread and closes every socket.

    Args:
        tls: Its side of the encryption; None: none.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._address = self._listener.getsockname()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._stopping = False
        #: The first request of each connection, in order of arrival.
        self.requests: list[Received] = []
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self._address[1]}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopping = True
        socket.create_connection(self._address).close()  # wakes the thread that accepts
        self._threads[0].join()
        self._listener.close()
        for each in self._sockets:
            with suppress(OSError):  # it may be closed already
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            if self._stopping:
                return client.close()
            with suppress(OSError):  # it may be gone already
                secured = self._secured(client)
                self._sockets.append(secured)
                self._start(lambda client=secured: self._serve(client))  # type: ignore[misc]

    def _secured(self, client: socket.socket) -> socket.socket:
        if self._tls is None:
            return client
        return self._tls.wrap_socket(client, server_side=True, do_handshake_on_connect=False)

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if isinstance(client, ssl.SSLSocket):
                client.do_handshake()
            head = _head(client)
            if not head:
                return
            request = _received(len(self.requests), head)
            self.requests.append(request)
            tunnel = request.method == "CONNECT"
            address = urlsplit(f"//{request.target}" if tunnel else request.target)
            with socket.create_connection((address.hostname, address.port)) as server:
                self._sockets.append(server)
                if tunnel:
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    server.sendall(head)
                _pass_on(client, server)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="forward-proxy")
        self._threads.append(thread)
        thread.start()


def _head(client: socket.socket) -> bytes:
    """What the client sends first, which holds the head of its request."""
    head = b""
    while b"\r\n\r\n" not in head and (data := client.recv(65536)):
        head += data
    return head


def _received(number: int, head: bytes) -> Received:
    request_line, *lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, target, _ = request_line.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Received(connection=number, method=method, target=target, headers=headers, body=b"")


def _pass_on(client: socket.socket, server: socket.socket) -> None:
    """Pass bytes on, both ways, until neither side has more. One thread does it: TLS is not made for two."""
    sinks = {client: server, server: client}
    while sinks:
        for source in [each for each in sinks if _has_pending(each)] or select.select([*sinks], [], [])[0]:
            with suppress(ssl.SSLWantReadError):  # what came was TLS's own
                _pass_piece(source, sinks)


def _pass_piece(source: socket.socket, sinks: dict[socket.socket, socket.socket]) -> None:
    try:
        sinks[source].sendall(data := _read(source))
    except ssl.SSLWantReadError:
        raise
    except OSError:  # one of the two is gone
        data = b""
    if not data:
        with suppress(OSError):
            sinks.pop(source).shutdown(socket.SHUT_WR)


def _read(source: socket.socket) -> bytes:
    """What has come. Of a TLS record that is not whole, nothing."""
    source.setblocking(False)
    try:
        return source.recv(65536)
    finally:
        source.setblocking(True)


def _has_pending(source: socket.socket) -> bool:
    return isinstance(source, ssl.SSLSocket) and source.pending() > 0
