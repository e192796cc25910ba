"""Servers that are told to stop in the middle of an answer: the browser is told to come back, and the server ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import attrs
import pytest
import redis

from gpo_client.relay import SyncRedisRelayLog, SyncRelay
from tests.relay.browser import PATIENCE_S, Page
from tests.relay.redis_answers import visit_until_the_end
from tests.support.events import answer_events, stream_answer
from tests.support.programs import free_ports
from tests.support.services import connected
from tests.support.wire import End, WireServer

pytestmark = pytest.mark.slow

APP = """
import os
from contextlib import AsyncExitStack, asynccontextmanager
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.routing import Route
from gpo_client import GPOCoreClient
from gpo_client.relay import RedisRelayLog, Relay, RelayOptions, sse_response

GRACE = float(os.environ.get("GRACE", "30"))

@asynccontextmanager
async def lifespan(app):
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(GPOCoreClient(base_url=os.environ["UPSTREAM"], max_retries=0))
        log = None
        if address := os.environ.get("REDIS"):
            log = RedisRelayLog(await stack.enter_async_context(Redis.from_url(address)))
        app.state.relay = await stack.enter_async_context(Relay(RelayOptions(grace_s=GRACE), log=log))
        app.state.client = client
        yield

async def sse(request):
    state = request.app.state
    if not hasattr(state, "relay"):  # daphne knows no lifespan
        state.kept = lifespan(request.app)
        await state.kept.__aenter__()
    return sse_response(state.client.chat_stream({"session_id": "s", "token": "t"}, {"query": "?"}), relay=state.relay)

app = Starlette(routes=[Route("/", sse)], lifespan=lifespan)
"""
BLOCKING_APP = """
import atexit, os
from flask import Flask, Response
from redis import Redis
from gpo_client import SyncGPOCoreClient
from gpo_client.relay import RelayOptions, SyncRedisRelayLog, SyncRelay, sse_lines

app = Flask(__name__)
client = SyncGPOCoreClient(base_url=os.environ["UPSTREAM"], max_retries=0)
atexit.register(client.close)
address = os.environ.get("REDIS")
log = SyncRedisRelayLog(Redis.from_url(address)) if address else None
relay = SyncRelay(RelayOptions(grace_s=float(os.environ.get("GRACE", "30"))), log=log).__enter__()
atexit.register(relay.close)

@app.get("/")
def sse():
    lines = sse_lines(client.chat_stream({"session_id": "s", "token": "t"}, {"query": "?"}), relay=relay)
    return Response(lines, status=lines.status, headers=lines.headers)
"""


@attrs.frozen
class Server:
    """A server: how it is started, and what gives it the patience for answers to go on; None if nothing does."""

    arguments: Sequence[str]
    patience: Sequence[str] | None
    app: str = APP


_GUNICORN = ("-m", "gunicorn", "-b", "127.0.0.1:{port}", "stopped:app", "-k")
_PATIENT = ("--graceful-timeout", "10")
#: By their names in the document.
SERVERS = {
    "uvicorn": Server(
        ("-m", "uvicorn", "stopped:app", "--port", "{port}"),
        ("--timeout-graceful-shutdown", "10"),
    ),
    "gunicorn, uvicorn's worker": Server((*_GUNICORN, "uvicorn.workers.UvicornWorker"), _PATIENT),
    "gunicorn, gthread": Server((*_GUNICORN, "gthread", "--threads", "4"), _PATIENT, BLOCKING_APP),
    "gunicorn, gevent": Server((*_GUNICORN, "gevent"), _PATIENT, BLOCKING_APP),
    "granian": Server(
        ("-m", "granian", "--interface", "asgi", "--port", "{port}", "stopped:app"), ("--workers-kill-timeout", "10")
    ),
    "hypercorn": Server(
        ("-m", "hypercorn", "stopped:app", "--bind", "127.0.0.1:{port}"), (*_PATIENT, "--workers", "0")
    ),
    "daphne": Server(("-m", "daphne", "-b", "127.0.0.1", "-p", "{port}", "stopped:app"), None),
}
PATIENT = [name for name, server in SERVERS.items() if server.patience is not None]
DOCUMENT = Path(__file__).parents[2] / "docs" / "relay.md"
# What a busy machine may add to the seconds of the document, which were measured on a quiet one. Whoever waited for the
# answer would wait for longer: its time of grace is 30 s.
_SLACK_S = 15.0


def documented() -> dict[str, float]:
    """The seconds from the signal to the end of the process with a log in memory, as docs/relay.md has them."""
    table = re.compile(r"^\| server \| in memory \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", re.MULTILINE)
    (rows,) = table.findall(DOCUMENT.read_text("utf-8"))
    cells = [row.strip("| ").split(" | ") for row in rows.splitlines()]
    return {name: float(seconds) for name, seconds, _ in cells}


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), PATIENCE_S).close()
        except ConnectionRefusedError:
            assert process.poll() is None


def test_the_table_has_these_servers() -> None:
    """Each server of the table is tried here."""
    assert documented().keys() == SERVERS.keys()


@contextmanager
def asked(
    server: str, folder: Path, upstream: WireServer, *options: str, **environment: str
) -> Generator[tuple[subprocess.Popen[bytes], Page, Iterator[bytes]]]:
    """A server, and a browser that has the first piece of an answer and what comes then."""
    for package in server.split(", "):
        if (
            package in {"uvicorn", "gunicorn", "gevent", "granian", "hypercorn", "daphne"}
            and find_spec(package) is None
        ):
            pytest.skip(f"{package} is not installed")
    started = SERVERS[server]
    (folder / "stopped.py").write_text(started.app)
    (port,) = free_ports(1)
    command = [sys.executable, *(word.format(port=port) for word in started.arguments), *options]
    told = {**os.environ, **environment, "UPSTREAM": upstream.base_url}
    told["PYTHONPATH"] = os.pathsep.join([str(folder), *sys.path])
    with subprocess.Popen(command, env=told, cwd=folder, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_open(port, process)
            page = Page()
            with connected(f"http://127.0.0.1:{port}/", page) as parts:
                while not page.text:
                    next(parts)
                yield process, page, parts
        finally:
            process.kill()


@pytest.mark.parametrize("server", SERVERS)
def test_stopping(server: str, tmp_path: Path) -> None:
    """Without patience being set anywhere: with a log in memory nobody could come back, and nobody is waited for."""
    with WireServer(stream_answer(answer_events("Mexico ")[0], end=End.STALL)) as upstream:
        with asked(server, tmp_path, upstream) as (process, page, parts):
            page.retry = 0
            process.send_signal(signal.SIGTERM)
            told_at = time.monotonic()
            list(parts)
            assert (page.retry, page.ended) == (1000, False)
            process.wait(documented()[server] + _SLACK_S)
            print(f"{server}: {time.monotonic() - told_at:.1f} s")
        upstream.wait_closed(0)


@pytest.mark.redis
@pytest.mark.parametrize("server", PATIENT)
def test_stopping_with_redis(server: str, redis_address: str, tmp_path: Path) -> None:
    """The browser is told to come back, the answer goes on, and another process delivers all of it."""
    gate, (first, *others) = threading.Event(), answer_events("Mexico ", "taxes")
    with (
        WireServer(stream_answer(first, gate, *others)) as upstream,
        asked(server, tmp_path, upstream, *(SERVERS[server].patience or ()), REDIS=redis_address) as (
            process,
            page,
            parts,
        ),
    ):
        page.retry = 0
        process.send_signal(signal.SIGTERM)
        list(parts)
        assert (page.retry, page.ended, process.poll()) == (1000, False, None)
        gate.set()
        with redis.Redis.from_url(redis_address) as pool:
            visit_until_the_end(page, SyncRelay(log=SyncRedisRelayLog(pool)))
        assert (page.text, page.is_complete) == ("Mexico taxes", True)
        process.wait(_SLACK_S)  # and not for its grace time of 30 s


@pytest.mark.redis
@pytest.mark.parametrize("server", SERVERS)
def test_stopping_with_redis_and_a_long_answer(server: str, redis_address: str, tmp_path: Path) -> None:
    """It goes on for the time of grace, and then ends."""
    with (
        WireServer(stream_answer(answer_events("Mexico ")[0], end=End.STALL)) as upstream,
        asked(server, tmp_path, upstream, *(SERVERS[server].patience or ()), REDIS=redis_address, GRACE="2") as (
            process,
            page,
            parts,
        ),
    ):
        process.send_signal(signal.SIGTERM)
        told_at = time.monotonic()
        list(parts)
        assert (page.retry, page.ended) == (1000, False)
        process.wait(2 + _SLACK_S)
        print(f"{server}: {time.monotonic() - told_at:.1f} s")
        with redis.Redis.from_url(redis_address) as pool:
            visit_until_the_end(page, SyncRelay(log=SyncRedisRelayLog(pool)))
        assert page.error is not None
        assert page.error["code"] in {"interrupted", "stopped"}
