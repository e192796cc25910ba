"""The server: raw sockets in a process of its own, so that it is never what is measured.

It knows no more of HTTP/1.1 than the clients need, and frames bodies as uvicorn does: ``Transfer-Encoding: chunked``,
one HTTP chunk to a write. The first line of its output is its address; it ends when its input does.
"""

from __future__ import annotations

import os
import re
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bench.events import ANSWER, Scenario, bodies, prepared
from bench.machine import ROOT, allow_many_sockets

_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-store\r\n"
    b"x-request-id: req_01\r\ntransfer-encoding: chunked\r\n\r\n"
)
_END = b"0\r\n\r\n"
_CALL = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_01\r\ncontent-length: %d\r\n\r\n%b" % (
    len(ANSWER),
    ANSWER,
)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_PREPARED_EVENTS = 250_000  # larger answers are made while they are sent


def body_of(request: bytes) -> bytes | None:
    """The body of a whole request; None while some of it is missing."""
    head, blank, body = request.partition(b"\r\n\r\n")
    if not blank:
        return None
    length = _LENGTH.search(head + b"\r\n")
    whole = body.endswith(_END) if length is None else len(body) >= int(length[1])
    return body if whole else None


class Server:
    """Answers one request after the other, except those that go together."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self._requests: dict[socket.socket, bytes] = {}
        self._together: defaultdict[Scenario, list[socket.socket]] = defaultdict(list)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Serve for ever."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket):
                    self._receive(key.fileobj)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ)

    def _receive(self, connection: socket.socket) -> None:
        data = b""
        with suppress(ConnectionError):
            data = connection.recv(65536)
        if not data:
            self._drop(connection)
            return
        self._requests[connection] += data
        body = body_of(self._requests[connection])
        if body is None:
            return
        self._requests[connection] = b""
        try:
            self._answer(connection, Scenario.read(body))
        except ConnectionError:
            self._drop(connection)

    def _drop(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        del self._requests[connection]
        connection.close()

    def _answer(self, connection: socket.socket, scenario: Scenario) -> None:
        if scenario.mode == "call":
            return connection.sendall(_CALL)
        connection.sendall(_HEAD)
        if scenario.mode == "idle":
            connection.sendall(next(bodies(scenario)))
        elif scenario.mode == "segments":
            _paced([connection], scenario)
        elif scenario.mode == "together":
            choir = self._together[scenario]
            choir.append(connection)
            if len(choir) == scenario.streams:
                _paced(self._together.pop(scenario), scenario)
        else:
            _at_once(connection, scenario)
        return None


def _at_once(connection: socket.socket, scenario: Scenario) -> None:
    for data in prepared(scenario) if scenario.events <= _PREPARED_EVENTS else bodies(scenario):
        connection.sendall(data)
    connection.sendall(_END)


def _paced(connections: list[socket.socket], scenario: Scenario) -> None:
    """Send each event to all, then wait. A late event does not shorten the wait for the next: nothing catches up."""
    for data in prepared(scenario):
        due = time.perf_counter() + scenario.pace_us / 1e6
        for connection in connections:
            connection.sendall(data)
        if (seconds := due - time.perf_counter()) > 0:  # even a sleep of no time takes some
            time.sleep(seconds)
    for connection in connections:
        connection.sendall(_END)


@contextmanager
def running_server() -> Iterator[str]:
    """The address of a server that runs as long as this, in a process of its own."""
    command = [sys.executable, "-m", "bench.server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate()


def main() -> None:
    """Serve until the input ends."""
    allow_many_sockets()
    server = Server()
    sys.stdout.write(f"{server.address}\n")
    sys.stdout.flush()
    threading.Thread(target=server.serve, daemon=True).start()
    sys.stdin.read()
    os._exit(0)  # whatever is being sent, nobody reads it


if __name__ == "__main__":
    main()
