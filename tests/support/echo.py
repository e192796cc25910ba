"""A service whose answers hold their questions, so that an answer that is another's shows.

A question's ``query`` is its tag. Asked for a stream, the service answers with as many chunks as ``chunks`` says, each
with the tag; all but the first wait for ``gate``, which the question "go on" opens. Its sessions have expired.
"""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
from typing import Any, Self

from tests.support.events import answer_events, chat_response, session

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n"


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        owner = self.server.owner
        with owner.lock:
            number, owner.connections = owner.connections, owner.connections + 1
        try:
            while line := self.rfile.readline():
                self._answer(line, number)
        except OSError:
            pass

    def _answer(self, line: bytes, number: int) -> None:
        headers = {}
        while field := self.rfile.readline().rstrip():
            name, _, value = field.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        asked = json.loads(self.rfile.read(int(headers.get("content-length", "0"))) or b"{}")
        tag = str(asked.get("query", ""))
        owner = self.server.owner
        with owner.lock:
            owner.asked.append((number, tag))
        if tag == "go on":
            owner.gate.set()
        if "event-stream" in headers.get("accept", ""):
            self._stream(tag)
        else:
            answer = session(expires_at="2020-01-01T00:00:00Z") if b"/session" in line else chat_response(tag)
            body = json.dumps(answer).encode()
            self.wfile.write(_HEAD % b"application/json" + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def _stream(self, tag: str) -> None:
        owner = self.server.owner
        self.wfile.write(_HEAD % b"text/event-stream" + b"Transfer-Encoding: chunked\r\n\r\n")
        for number, event in enumerate(answer_events(*[f"{tag} "] * owner.chunks)):
            if number == 1:
                owner.gate.wait(60)
            self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))
        self.wfile.write(b"0\r\n\r\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 256
    block_on_close = False
    owner: EchoServer
    tls: ssl.SSLContext | None = None

    def finish_request(self, request: Any, client_address: Any) -> None:
        try:
            if self.tls is None:
                super().finish_request(request, client_address)
            else:
                with self.tls.wrap_socket(request, server_side=True) as wrapped:
                    super().finish_request(wrapped, client_address)
        except OSError:
            pass


class EchoServer:
    """The service; a context manager.

    Args:
        tls: Its side of TLS. Default: none.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner, self._server.tls = self, tls
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.01), daemon=True)
        self.base_url = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_address[1]}"
        self.lock = threading.Lock()
        #: How many connections there were.
        self.connections = 0
        #: The connection and the tag of each question.
        self.asked: list[tuple[int, str]] = []
        #: How many texts a streamed answer has.
        self.chunks = 4
        #: Streams go on after their first chunk when it is set.
        self.gate = threading.Event()
        self.gate.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()
