"""The network between a browser and a server: a TCP proxy that can be cut and mended."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class Cable:
    """Passes bytes on, both ways, until it is cut.

    Args:
        port: The server's, on the loopback interface.
    """

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._lock = threading.Lock()
        self._is_cut = False
        self._is_closed = False
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._address = self._listener.getsockname()
        self.base_url = f"http://127.0.0.1:{self._address[1]}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_closed = True
        self.cut()
        socket.create_connection(self._address).close()  # wakes the thread that accepts
        for thread in list(self._threads):
            thread.join()
        self._listener.close()

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

    def _accept(self) -> None:
        while True:
            browser, _ = self._listener.accept()
            if self._is_closed:
                return browser.close()
            with self._lock:
                if self._is_cut:
                    _reset(browser)
                    continue
                server = socket.create_connection(self._target)
                self._ends += [browser, server]
            for source, sink in ((browser, server), (server, browser)):
                sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._start(_pass_on, source, sink)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name="cable")  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):  # cut
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def _reset(end: socket.socket) -> None:
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)
    end.close()
