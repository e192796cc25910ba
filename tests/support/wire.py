"""A server that answers exactly as a script says, faults included: raw sockets, nothing that tidies up in between.

    with WireServer(Answer(pieces=[b"half an ans"], end=End.RESET)) as server:
        ...  # ask server.base_url
        server.wait_closed(0)

Each request, on whatever connection it comes, takes the next answer of the script.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from typing import Any

import anyio.to_thread

from tests.support.thread_server import ThreadServer, shut
from tests.support.wire_script import Answer, End, Received, no_answer

__all__ = ["ONE_TRY", "Answer", "Connection", "End", "Received", "WireServer", "no_answer"]

#: Settings of a client that sends each request once, so that a script needs one answer for each call.
ONE_TRY: dict[str, Any] = {"max_retries": 0, "max_resumes": 0}

# Longer than anything takes on a busy machine; only a test that fails waits for it.
_PATIENCE_S = 60.0


class Connection:
    """One connection, from the server's side."""

    def __init__(self, number: int, peer: socket.socket) -> None:
        self.number = number
        #: Bytes that the network took, head and framing included.
        self.sent = 0
        #: Set when the client has closed it, or the script has reset it.
        self.closed = threading.Event()
        self._socket = peer
        self._reader = peer.makefile("rb")

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands, before anything is read."""
        self._socket = context.wrap_socket(self._socket, server_side=True)
        self._reader = self._socket.makefile("rb")

    def receive(self) -> Received | None:
        """The next request; None when the client has closed instead, or before all of it was sent."""
        request_line = self._line()
        if not request_line:
            return None
        method, target, _ = request_line.split(" ", 2)
        headers: dict[str, str] = {}
        while line := self._line():
            name, _, value = line.partition(":")
            before = [headers[name.lower()]] if name.lower() in headers else []
            headers[name.lower()] = ", ".join([*before, value.strip()])
        length = int(headers.get("content-length", "0"))
        if len(body := self._reader.read(length)) < length:
            return None
        return Received(connection=self.number, method=method, target=target, headers=headers, body=body)

    def send(self, answer: Answer) -> None:
        """Send an answer, and end it as it says."""
        for part in answer.parts():
            if isinstance(part, bytes):
                self._send(part)
            else:
                assert part.wait(_PATIENCE_S), "nobody set the event that the script waits for"
        if answer.end is End.RESET:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close()
        elif answer.end is End.FIN or answer.framing == "close":
            self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close it from this side."""
        self._reader.close()
        self._socket.close()

    def abort(self) -> None:
        """Let go of whoever waits for the client."""
        shut(self._socket)

    def _line(self) -> str:
        return self._reader.readline().decode("latin-1").rstrip("\r\n")

    def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            count = self._socket.send(rest)
            self.sent += count
            rest = rest[count:]


class WireServer(ThreadServer):
    """The server; a context manager that ends every thread and closes every socket.

    Args:
        script: The answers, in order.
        then: Makes the answers to all further requests. Default: there are none, and a request is a fault.
        tls: The server's side of TLS. Default: none.

    Raises:
        AssertionError: At the exit, if there were more requests than answers, or an answer could not be given.
    """

    def __init__(
        self, *script: Answer, then: Callable[[Received], Answer] | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__()
        self._script = list(script)
        self._then = then
        self._tls = tls
        self._arrival = threading.Condition()
        self._faults: list[str] = []
        #: In order of arrival.
        self.requests: list[Received] = []
        self.connections: list[Connection] = []
        self.base_url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        assert error[0] is not None or not self._faults, self._faults

    def wait_closed(self, *numbers: int) -> None:
        """Wait until the client has closed these connections; all of them, if none is named.

        Raises:
            AssertionError: It does not.
        """
        for number in numbers or range(len(self.connections)):
            with self._arrival:
                assert self._arrival.wait_for(lambda: len(self.connections) > number, _PATIENCE_S), "nobody connected"  # noqa: B023
            assert self.connections[number].closed.wait(_PATIENCE_S), f"connection {number} stays open"

    async def closed(self, *numbers: int) -> None:
        """Like :meth:`wait_closed`, for an event loop that must go on."""
        await anyio.to_thread.run_sync(self.wait_closed, *numbers)

    async def requested(self, count: int) -> None:
        """Wait until so many requests have arrived.

        Raises:
            AssertionError: They do not.
        """
        await anyio.to_thread.run_sync(self._wait_requested, count)

    def _wait_requested(self, count: int) -> None:
        with self._arrival:
            assert self._arrival.wait_for(lambda: len(self.requests) >= count, _PATIENCE_S), "nobody asked"

    def _take(self, peer: socket.socket) -> None:
        with self._arrival:
            connection = Connection(len(self.connections), peer)
            self.connections.append(connection)
            self._arrival.notify_all()
        self._start(self._serve, connection)

    def _hang_up(self) -> None:
        for connection in self.connections:
            connection.abort()

    def _serve(self, connection: Connection) -> None:
        try:
            if self._tls is not None:
                connection.start_tls(self._tls)
            while request := connection.receive():
                answer = self._answer(request)
                connection.send(answer)
                if answer.end is End.RESET:
                    break
        except OSError:
            pass  # the client has closed it in the middle of an answer, or the server is being stopped
        except BaseException as error:  # noqa: BLE001 - reported at the exit
            self._faults.append(repr(error))
        finally:
            connection.closed.set()
            connection.close()

    def _answer(self, request: Received) -> Answer:
        with self._arrival:
            self.requests.append(request)
            self._arrival.notify_all()
            if self._script:
                return self._script.pop(0)
        if self._then is not None:
            return self._then(request)
        self._faults.append(f"a request too many: {request.method} {request.target}")
        return no_answer(End.RESET)
