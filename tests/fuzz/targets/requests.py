"""Requests to a running sandbox, byte by byte."""

from __future__ import annotations

import http.client
import logging
import socket
from collections.abc import Generator
from contextlib import contextmanager

import h11
import httpx

from gpo_sandbox import running_sandbox
from tests.fuzz.target import Check, Target

# Longer than anything takes on a busy machine; only what hangs waits for it.
_PATIENCE_S = 20.0
#: Stands for the token of a session in the seeds.
_TOKEN = b"<token>"


@contextmanager
def _sandbox() -> Generator[Check]:
    log = _Errors()
    logging.getLogger().addHandler(log)
    try:
        with running_sandbox(chunk_delay_s=0) as sandbox, httpx.Client(trust_env=False) as visitor:
            port = sandbox.settings.port
            session = {"instance_id": "fuzzing", "user_id": "fuzzer"}

            def check(data: bytes) -> None:
                """An answer that is no failure of the server's, if it is a whole request; and nothing in the log."""
                # A new one each time: what is sent may end a session.
                token = visitor.post(f"{sandbox.base_url}/api/User/session", json=session).json()["token"]
                sent = data.replace(_TOKEN, token.encode())
                with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_S) as connection:
                    connection.sendall(sent)
                    status = _answer(connection, sent)
                assert status is None or 200 <= status < 500, status
                assert log.take() == []

            yield check
    finally:
        logging.getLogger().removeHandler(log)


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.append(self.format(record))

    def take(self) -> list[str]:
        taken, self._messages = self._messages, []
        return taken


def _answer(connection: socket.socket, sent: bytes) -> int | None:
    """The status of the answer, read to its end; None where none can be expected."""
    method = _whole_request(sent)
    if method is None:
        return None
    answer = http.client.HTTPResponse(connection, method=method)
    answer.begin()
    answer.read()
    return answer.status


def _whole_request(sent: bytes) -> str | None:
    """The method of the first request; None while it is not whole. What is no HTTP is whole as well."""
    server = h11.Connection(h11.SERVER)
    method = "GET"
    try:
        server.receive_data(sent)
        while not isinstance(event := server.next_event(), h11.EndOfMessage):
            if event in (h11.NEED_DATA, h11.PAUSED) or isinstance(event, h11.ConnectionClosed):
                return None
            if isinstance(event, h11.Request):
                method = event.method.decode("ascii")
    except h11.RemoteProtocolError:
        return method
    return method


SANDBOX_REQUESTS = Target(
    "requests",
    _sandbox,
    [
        b"GET ", b"POST ", b"DELETE ", b"HEAD ", b"OPTIONS ", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n",
        b"Host: localhost\r\n", b"/api/Chat", b"/api/User/session", b"/api/Documents", b"/api/Ratings", b"/..",
        b"%2e%2e/", b"%00", b"%ff", b"?page=", b"Authorization: Bearer <token>\r\n",
        b"Content-Type: application/json\r\n", b"Content-Length: ", b"\r\n\r\n", b"Transfer-Encoding: chunked\r\n",
        b"0\r\n\r\n", b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"\r\n", b"Idempotency-Key: k\r\n",
        b"Last-Event-ID: m:1\r\n", b"X-Request-ID: \x01\r\n", b"Accept: text/event-stream\r\n", b'"query": ',
        b'"stream": true', b"null", b"{", b"}", b"[", b"]", b'"', b"\\ud800", b"1e999", b"9" * 40, b"5.0",
        b"X: " + b"x" * 70_000 + b"\r\n", b"\x00", b"\xff", b"page_size=101&", b"from_date=2026-99-99",
    ],
)  # fmt: skip
