"""A server that speaks HTTP/2 over TLS and answers as a script says; any number of streams share a connection."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from typing import Any, Self

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

from tests.support.wire_script import Answer, End, Received

# Longer than anything takes on a busy machine; only a test that fails waits for it.
_PATIENCE_S = 20.0


class H2Server:
    """The server; a context manager that closes every socket and ends every thread.

    What an ``End`` means here: RESET ends the stream alone (RST_STREAM), FIN the connection (GOAWAY).

    Args:
        script: The answers, in order.
        tls: The server's side of TLS.
    """

    def __init__(self, *script: Answer, tls: ssl.SSLContext) -> None:
        self._script = list(script)
        tls.set_alpn_protocols(["h2"])
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._threads = [threading.Thread(target=self._accept)]
        self._peers: list[socket.socket] = []
        self._is_stopping = threading.Event()
        self.base_url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        #: In order of arrival.
        self.requests: list[Received] = []

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_stopping.set()
        socket.create_connection(self._listener.getsockname()).close()  # wakes the thread that accepts
        self._threads[0].join()
        self._listener.close()
        for peer in self._peers:
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        while True:
            peer, _ = self._listener.accept()
            if self._is_stopping.is_set():
                return peer.close()
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._peers.append(peer)
            self._start(self._serve, peer, len(self._peers) - 1)

    def _serve(self, peer: socket.socket, number: int) -> None:
        with suppress(OSError), self._tls.wrap_socket(peer, server_side=True) as connected:
            connection = _Connection(connected)
            while data := connected.recv(65536):
                for stream, headers, body in connection.feed(data):
                    fields = {name: value for name, value in headers.items() if not name.startswith(":")}
                    self.requests.append(
                        Received(
                            connection=number,
                            method=headers[":method"],
                            target=headers[":path"],
                            headers=fields,
                            body=body,
                        )
                    )
                    self._start(connection.send, stream, self._script.pop(0))

    def _start(self, work: Any, *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, name="h2-server")
        self._threads.append(thread)
        thread.start()


class _Connection:
    """One connection from the server's side; streams are answered in threads."""

    def __init__(self, connected: ssl.SSLSocket) -> None:
        self._socket = connected
        self._lock = threading.Lock()
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._asked: dict[int, tuple[dict[str, str], bytes]] = {}
        self._has_gone_away = False
        self._h2.initiate_connection()
        self._flush()

    def feed(self, data: bytes) -> list[tuple[int, dict[str, str], bytes]]:
        """Take bytes; the requests that are whole now."""
        whole: list[tuple[int, dict[str, str], bytes]] = []
        with self._lock:
            if self._has_gone_away:
                return whole  # what the client sent before it knew
            for event in self._h2.receive_data(data):
                if isinstance(event, RequestReceived):
                    self._asked[event.stream_id] = {str(k): str(v) for k, v in event.headers or ()}, b""
                elif isinstance(event, DataReceived):
                    headers, body = self._asked[event.stream_id]
                    self._asked[event.stream_id] = headers, body + (event.data or b"")
                    self._h2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
                elif isinstance(event, StreamEnded):
                    whole.append((event.stream_id, *self._asked.pop(event.stream_id)))
            self._flush()
        return whole

    def send(self, stream: int, answer: Answer) -> None:
        """Send an answer, and end it as it says."""
        fields = {name.lower(): value for name, value in answer.headers.items()}
        with suppress(OSError):
            self._do(self._h2.send_headers, stream, [(":status", str(answer.status)), *fields.items()])
            for piece in answer.pieces:
                if isinstance(piece, bytes):
                    self._do(self._h2.send_data, stream, piece)
                else:
                    assert piece.wait(_PATIENCE_S), "nobody set the event that the script waits for"
            if answer.end is End.FINISH:
                self._do(self._h2.end_stream, stream)
            elif answer.end is End.RESET:
                self._do(self._h2.reset_stream, stream)
            elif answer.end is End.FIN:
                self._do(self._go_away)
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # not TLS's own, which would go on in the clear

    def _go_away(self) -> None:
        self._has_gone_away = True
        self._h2.close_connection()

    def _do(self, work: Any, *args: Any) -> None:
        with self._lock:
            work(*args)
            self._flush()

    def _flush(self) -> None:
        self._socket.sendall(self._h2.data_to_send())
