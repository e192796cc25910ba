"""A server of threads on the loopback interface: what the servers have in common that tests tell what to do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self


class ThreadServer:
    """Takes connections until its ``with`` block ends; then it hangs up on all of them, and ends every thread."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._address = self._listener.getsockname()
        self._threads: list[threading.Thread] = []
        self._peers: list[socket.socket] = []
        self._is_stopping = False
        self.port = int(self._address[1])

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *error: object) -> None:
        self._is_stopping = True
        socket.create_connection(self._address).close()  # wakes the thread that accepts
        self._threads[0].join()
        self._listener.close()
        self._hang_up()
        for thread in self._threads:
            thread.join()

    def _take(self, peer: socket.socket) -> None:
        """Take a connection, in the thread that accepts them: what takes longer is begun here."""
        raise NotImplementedError

    def _hang_up(self) -> None:
        """Let go of whoever waits for a client."""
        for peer in self._peers:
            shut(peer)

    def _start(self, work: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, name=type(self).__name__)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            peer, _ = self._listener.accept()
            if self._is_stopping:
                return peer.close()
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._peers.append(peer)
            self._take(peer)


def shut(peer: socket.socket) -> None:
    """End a connection both ways, from whichever thread; it may be closed already."""
    with suppress(OSError):
        peer.shutdown(socket.SHUT_RDWR)
