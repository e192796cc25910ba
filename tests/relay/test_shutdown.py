"""Servers that are told to stop in the middle of an answer: the browser is told to come back, and the server ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.relay.browser import PATIENCE_S
from tests.support.events import answer_events, stream_answer
from tests.support.wire import End, WireServer

pytestmark = pytest.mark.slow

APP = """
import os
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.routing import Route
from gpo_client import GPOCoreClient
from gpo_client.relay import Relay, sse_response

@asynccontextmanager
async def lifespan(app):
    async with GPOCoreClient(base_url=os.environ["UPSTREAM"], max_retries=0) as client, Relay() as relay:
        app.state.client, app.state.relay = client, relay
        yield

async def sse(request):
    stream = request.app.state.client.chat_stream({"session_id": "s", "token": "t"}, {"query": "?"})
    return sse_response(stream, relay=request.app.state.relay)

app = Starlette(routes=[Route("/", sse)], lifespan=lifespan)
"""
SERVERS = {
    "uvicorn": ("-m", "uvicorn", "stopped:app", "--port", "{port}"),
    "hypercorn": ("-m", "hypercorn", "stopped:app", "--bind", "127.0.0.1:{port}"),
    "granian": ("-m", "granian", "--interface", "asgi", "--port", "{port}", "stopped:app"),
    "gunicorn": ("-m", "gunicorn", "-k", "uvicorn.workers.UvicornWorker", "-b", "127.0.0.1:{port}", "stopped:app"),
}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _received(connection: socket.socket, until: bytes) -> bytes:
    received = b""
    while until not in received:
        data = connection.recv(65536)
        assert data, received
        received += data
    return received


def _connect(port: int, process: subprocess.Popen[bytes]) -> socket.socket:
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        except ConnectionRefusedError:
            assert process.poll() is None


@pytest.mark.parametrize("server", SERVERS)
def test_stopping(server: str, tmp_path: Path) -> None:
    """Without patience being set anywhere: with a log in memory nobody could come back, and nobody is waited for."""
    if find_spec(server) is None:
        pytest.skip(f"{server} is not installed")
    (tmp_path / "stopped.py").write_text(APP)
    port = _free_port()
    command = [sys.executable, *(word.format(port=port) for word in SERVERS[server])]
    with WireServer(stream_answer(answer_events("Mexico ")[0], end=End.STALL)) as upstream:
        told = {**os.environ, "UPSTREAM": upstream.base_url, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
        with subprocess.Popen(command, env=told, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
            try:
                with _connect(port, process) as browser:
                    browser.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    _received(browser, b"Mexico")
                    process.send_signal(signal.SIGTERM)
                    assert b"retry: 1000" in _received(browser, b"0\r\n\r\n")
                process.wait(PATIENCE_S)
            finally:
                process.kill()
        upstream.wait_closed(0)
