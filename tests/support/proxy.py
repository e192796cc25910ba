"""A forward proxy on raw sockets: passes requests on, and opens tunnels.

with ForwardProxy() as proxy:
    ...  # ask through proxy.url
    assert proxy.requests == [...]
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.support.wire_script import Received


class ForwardProxy:
    """The proxy (RFC 9110 §7.6, §9.3.6); a context manager that ends every thread and closes every socket."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._address = self._listener.getsockname()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._stopping = False
        #: The first request of each connection, in order of arrival.
        self.requests: list[Received] = []
        self.url = f"http://127.0.0.1:{self._address[1]}"

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
            self._sockets.append(client)
            self._start(lambda client=client: self._serve(client))  # type: ignore[misc]

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
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
                back = self._start(lambda: _pump(server, client))
                _pump(client, server)
                back.join()

    def _start(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, name="forward-proxy")
        self._threads.append(thread)
        thread.start()
        return thread


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


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Pass bytes on until one side has no more."""
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
