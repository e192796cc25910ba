"""The network between a browser and a server: a TCP proxy that can be cut and mended."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

from tests.support.thread_server import ThreadServer, shut


class Cable(ThreadServer):
    """Passes bytes on, both ways, until it is cut.

    Args:
        port: The server's, on the loopback interface.
    """

    def __init__(self, port: int) -> None:
        super().__init__()
        self._target = ("127.0.0.1", port)
        self._lock = threading.Lock()
        self._is_cut = False
        self._ends: list[socket.socket] = []
        self.base_url = f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Reset all connections, and every new one, until it is mended."""
        with self._lock:
            self._is_cut = True
            for end in self._ends:
                _reset(end)
            self._ends.clear()

    def mend(self) -> None:
        """Let new connections through again."""
        self._is_cut = False

    def _take(self, peer: socket.socket) -> None:
        with self._lock:
            if self._is_cut:
                return _reset(peer)
            server = socket.create_connection(self._target)
            self._ends += [peer, server]
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._start(_pass_on, peer, server)
        self._start(_pass_on, server, peer)
        return None

    def _hang_up(self) -> None:
        self.cut()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):  # cut
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def _reset(end: socket.socket) -> None:
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    shut(end)
    end.close()
