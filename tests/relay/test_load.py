"""Many browsers on many answers, of which a fifth lose their connections at random: in memory, and behind nginx with
two processes and a Redis that is killed twice. Nothing may be lost, repeated or reordered, and nothing stays behind.

The full size: ``RELAY_BROWSERS=1000 .venv/bin/python -m pytest -n0 tests/relay/test_load.py``
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from bench.machine import allow_many_sockets
from tests.relay.browser import Page
from tests.relay.load_service import FIRST, texts_of
from tests.support.parts import installed
from tests.support.programs import free_ports, running
from tests.support.redis_server import RedisServer
from tests.support.services import running_service

pytestmark = pytest.mark.alone

BROWSERS = int(os.environ.get("RELAY_BROWSERS", "200"))
ANSWERS = BROWSERS // 5
_PATIENCE_S = max(180.0, 0.6 * BROWSERS)
NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream service {{ server 127.0.0.1:{ports[0]}; server 127.0.0.1:{ports[1]}; }}
  server {{
    listen 127.0.0.1:{ports[2]} backlog=4096;
    location / {{ proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Host $http_host; }}
  }}
}}
"""


@attrs.define
class Browser:
    """One page, which comes back whenever its connection ends before the answer does, as ``EventSource`` does."""

    address: str
    question: str
    #: After how many bytes of the answer it loses its connection.
    leaves_at: float
    page: Page = attrs.field(factory=Page)
    visits: int = 0

    async def browse(self) -> None:
        """Ask, or come back, until there is an end."""
        while not self.page.ended:
            if self.visits:
                await asyncio.sleep((self.page.retry or 100) / 1000)  # the time that EventSource was told to wait
            self.visits += 1
            await self._visit()
            if self.page.error is not None and self.page.error["code"] == "busy":
                self.page = Page()  # nobody was asked: a person would ask again

    async def _visit(self) -> None:
        host, port = self.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        back = f"Last-Event-ID: {self.page.last_event_id}\r\n" if self.page.last_event_id else ""
        writer.write(f"GET /ask?query={self.question} HTTP/1.0\r\nHost: {host}\r\n{back}\r\n".encode())
        self.page.connect()
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 200 " in head.partition(b"\r\n")[0], head
            while data := await reader.read(1000):
                self.page.feed(data)
                if len(self.page.text) >= self.leaves_at:
                    self.leaves_at = float("inf")
                    break
        finally:
            writer.close()


class Crowd:
    """All browsers: for each answer one that asks, and four that follow it from its beginning.

    Args:
        address: Of the service.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._chance = random.Random(20)
        self.browsers: list[Browser] = []

    async def run(self, meanwhile: Callable[[Crowd], Any]) -> None:
        """Send them all, and wait for the last; something else goes on meanwhile."""
        async with asyncio.timeout(_PATIENCE_S), asyncio.TaskGroup() as tasks:
            tasks.create_task(meanwhile(self))
            for number in range(ANSWERS):
                asking = self._add(str(number))
                tasks.create_task(asking.browse())
            for asking in self.browsers[:ANSWERS]:
                await until(partial(_has_begun, asking))
                for _ in range(BROWSERS // ANSWERS - 1):
                    follower = self._add(asking.question)
                    follower.page.last_event_id = asking.page.last_event_id.partition(":")[0] + ":0"
                    tasks.create_task(follower.browse())

    def _add(self, question: str) -> Browser:
        length = len("".join(texts_of(question)))
        leaves_at = self._chance.randrange(1, length) if self._chance.random() < 0.2 else float("inf")
        self.browsers.append(Browser(self._address, question, leaves_at))
        return self.browsers[-1]

    def left(self) -> list[tuple[str, int, str, int]]:
        """The browsers that have not come to an end, and how far they are."""
        return [
            (browser.question, len(browser.page.text), browser.page.last_event_id, browser.visits)
            for browser in self.browsers
            if not browser.page.ended
        ]

    async def reaches(self, share: float) -> None:
        """Wait until that share of all chunks has arrived."""
        wanted = share * BROWSERS * len("".join(texts_of("100")))
        await until(lambda: sum(len(browser.page.text) for browser in self.browsers) >= wanted)


async def until(is_so: Callable[[], Any]) -> None:
    """Wait."""
    while not is_so():  # noqa: ASYNC110 - a page tells nobody
        await asyncio.sleep(0.01)


def _has_begun(browser: Browser) -> bool:
    return bool(browser.page.last_event_id) and browser.page.error is None  # a refusal is no answer to follow


async def nothing(_: Crowd) -> None:
    """Nothing happens."""


@pytest.fixture(autouse=True)
def _many_sockets() -> Generator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    allow_many_sockets()  # for the processes too, which inherit it
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextmanager
def service(*processes: str, **environment: str) -> Generator[list[str]]:
    """Run processes of the load service; yields their addresses."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                running_service(
                    *("-m", "uvicorn", f"tests.relay.load_service:{process}", "--port", "0", "--no-access-log"),
                    *("--timeout-graceful-shutdown", "1", "--backlog", "4096"),
                    announced=r"running on (http://[\d.:]+)",
                    **environment,
                )
            ).base_url
            for process in processes
        ]


def state_of(address: str) -> dict[str, float]:
    """What a process holds."""
    with httpx.Client(trust_env=False, timeout=_PATIENCE_S) as client:
        found: dict[str, float] = client.get(f"{address}/state").raise_for_status().json()
        return found


def returns_to(address: str, before: dict[str, float]) -> None:
    """Wait until a process holds no more than before: answers, and timers that were cancelled, stay for a while."""
    until_s = time.monotonic() + _PATIENCE_S
    # Whatever would be kept of a browser or an answer is more than two objects; memory is not given back at once.
    allowed = {**before, "objects": before["objects"] + 2 * BROWSERS, "mib": before["mib"] + 0.1 * BROWSERS}
    while too_much := {name: now for name, now in state_of(address).items() if now > allowed[name]}:
        assert time.monotonic() < until_s, (too_much, before)
        time.sleep(0.2)


def broken(crowd: Crowd) -> list[Any]:
    """The pages that do not have their answer whole and once, and what they have."""
    return [
        (browser.question, browser.visits, browser.page.error, browser.page.text)
        for browser in crowd.browsers
        if (browser.page.text, browser.page.is_complete) != ("".join(texts_of(browser.question)), True)
    ]


def run(entrance: str, processes: Sequence[str], meanwhile: Callable[[Crowd], Any] = nothing) -> Crowd:
    """Let a few browsers in, so that everything has been made that is made once; then all."""
    for process in processes:
        asyncio.run(Browser(process, FIRST, 10.0).browse())
    before = [state_of(process) for process in processes]
    crowd = Crowd(entrance)
    try:
        asyncio.run(crowd.run(meanwhile))
    except TimeoutError:
        raise AssertionError(crowd.left()) from None
    for process, held in zip(processes, before, strict=True):
        returns_to(process, held)
    return crowd


def test_in_memory() -> None:
    """One process, whose own memory is the log."""
    with service("upstream", PAUSE_S="0.03") as (upstream,), service("app", UPSTREAM=upstream) as processes:
        crowd = run(processes[0], processes)
    assert broken(crowd) == []
    assert len(crowd.browsers) == BROWSERS
    assert sum(browser.visits for browser in crowd.browsers) > BROWSERS * 1.1


KEPT: dict[str, dict[str, str]] = {"everything": {"appendonly": "yes"}, "nothing": {}}


@pytest.mark.redis
@pytest.mark.parametrize("kept", KEPT)
def test_two_processes_and_a_redis_that_is_killed(kept: str, tmp_path: Path) -> None:
    """Redis comes back with what it had (appendonly), or empty: running answers are whole in both cases."""
    nginx = installed("nginx")
    ports = free_ports(3)
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer(tmp_path, **KEPT[kept]))
        (upstream,) = stack.enter_context(service("upstream", PAUSE_S="0.1"))
        processes = stack.enter_context(service("app", "app", UPSTREAM=upstream, REDIS=redis.address))
        ports[:2] = [int(process.rpartition(":")[2]) for process in processes]
        (tmp_path / "nginx.conf").write_text(NGINX.format(folder=tmp_path, ports=ports))
        stack.enter_context(
            running([nginx, "-p", tmp_path, "-c", tmp_path / "nginx.conf"], ports[2], tmp_path / "nginx.log")
        )

        async def stumble(crowd: Crowd) -> None:
            for down, up in ((0.15, 0.4), (0.55, 0.75)):
                await crowd.reaches(down)
                redis.kill()
                await crowd.reaches(up)
                await asyncio.to_thread(redis.start)

        crowd = run(f"http://127.0.0.1:{ports[2]}", processes, stumble)
    assert broken(crowd) == []
