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
from contextlib import suppress
from urllib.parse import urlsplit

from tests.support.thread_server import ThreadServer
from tests.support.wire_script import Received


class ForwardProxy(ThreadServer):
    """The proxy (RFC 9110 §7.6, §9.3.6); a context manager that ends every thread and closes every socket.

    Args:
        tls: Its side of the encryption; None: none.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self._tls = tls
        #: The first request of each connection, in order of arrival.
        self.requests: list[Received] = []
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.port}"

    def _take(self, peer: socket.socket) -> None:
        with suppress(OSError):  # it may be gone already
            secured = self._secured(peer)
            self._peers.append(secured)
            self._start(self._serve, secured)

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
                self._peers.append(server)
                if tunnel:
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    server.sendall(head)
                _pass_on(client, server)


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
