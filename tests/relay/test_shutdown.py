"""Servers that are told to stop in the middle of an answer: the browser is told to come back, and the server ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
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
    state = request.app.state
    if not hasattr(state, "relay"):  # daphne knows no lifespan
        state.kept = lifespan(request.app)
        await state.kept.__aenter__()
    return sse_response(state.client.chat_stream({"session_id": "s", "token": "t"}, {"query": "?"}), relay=state.relay)

app = Starlette(routes=[Route("/", sse)], lifespan=lifespan)
"""
SERVERS = {
    "uvicorn": ("-m", "uvicorn", "stopped:app", "--port", "{port}"),
    "hypercorn": ("-m", "hypercorn", "stopped:app", "--bind", "127.0.0.1:{port}"),
    "granian": ("-m", "granian", "--interface", "asgi", "--port", "{port}", "stopped:app"),
    "daphne": ("-m", "daphne", "-b", "127.0.0.1", "-p", "{port}", "stopped:app"),
    "gunicorn": ("-m", "gunicorn", "-k", "uvicorn.workers.UvicornWorker", "-b", "127.0.0.1:{port}", "stopped:app"),
}
DOCUMENT = Path(__file__).parents[2] / "docs" / "relay.md"
# What a busy machine may add to the seconds of the document, which were measured on a quiet one. Whoever waited for the
# answer would wait for longer: its time of grace is 30 s.
_SLACK_S = 15.0


def documented() -> dict[str, float]:
    """The seconds from the signal to the end of the process, by server, as docs/relay.md has them."""
    table = re.compile(r"^\| (.*uvicorn.*) \|\n\|[-|]+\|\n\| (.*) \|$", re.MULTILINE)
    ((servers, seconds),) = table.findall(DOCUMENT.read_text("utf-8"))
    names = [name.partition(" ")[0] for name in servers.split(" | ")]
    return dict(zip(names, map(float, seconds.split(" | ")), strict=True))


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


def test_the_table_has_these_servers() -> None:
    """Each server of the table is tried here."""
    assert documented().keys() == SERVERS.keys()


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
                    told_at = time.monotonic()
                    assert b"retry: 1000" in _received(browser, b"0\r\n\r\n")
                process.wait(documented()[server] + _SLACK_S)
                print(f"{server}: {time.monotonic() - told_at:.1f} s")
            finally:
                process.kill()
        upstream.wait_closed(0)
