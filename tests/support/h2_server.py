"""A server that speaks HTTP/2 over TLS and answers as a script says; any number of streams share a connection."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

from tests.support.thread_server import ThreadServer
from tests.support.wire_script import Answer, End, Received

# Longer than anything takes on a busy machine; only a test that fails waits for it.
_PATIENCE_S = 60.0


class H2Server(ThreadServer):
    """The server; a context manager that closes every socket and ends every thread.

    What an ``End`` means here: RESET ends the stream alone (RST_STREAM), FIN the connection (GOAWAY).

    Args:
        script: The answers, in order.
        tls: The server's side of TLS.
    """

    def __init__(self, *script: Answer, tls: ssl.SSLContext) -> None:
        super().__init__()
        self._script = list(script)
        tls.set_alpn_protocols(["h2"])
        self._tls = tls
        self.base_url = f"https://127.0.0.1:{self.port}"
        #: In order of arrival.
        self.requests: list[Received] = []

    def _take(self, peer: socket.socket) -> None:
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
