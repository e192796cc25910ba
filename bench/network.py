"""A service and the network before it, in a thread: late, narrow, lossy, dark or cut, as it is told.

The service resumes: its answers follow from the question alone, so it may be restarted in the middle of one.
"""

from __future__ import annotations

import asyncio
import random
import re
import resource
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs

from bench.events import Scenario, prepared

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_AFTER = re.compile(rb"\r\nlast-event-id: *\S*?(\d+)\r\n", re.IGNORECASE)
#: The size of a segment, and how long the other side waits before it sends a lost one again (RFC 6298), at first.
_SEGMENT, _AGAIN = 1448, 0.2
#: A real proxy, which cuts what is silent for too long.
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
_CONFIG = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; location / {{
    proxy_pass {address}; proxy_http_version 1.1; proxy_buffering off; proxy_read_timeout {idle_ms}ms;
  }} }}
}}
"""


@attrs.frozen(kw_only=True)
class Link:
    """What a network does to each direction of a connection.

    Attributes:
        delay: Seconds that a segment is under way.
        rate: Bytes a second; 0: as many as there are.
        loss: The share of segments that are lost, and sent again.
        idle: After so many seconds without a byte both ends are closed; 0: never.
    """

    delay: float = 0.0
    rate: float = 0.0
    loss: float = 0.0
    idle: float = 0.0


class Network:
    """The service behind a link. Everything but :func:`running_network` is called in its thread.

    Args:
        link: What the network does.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._chance = random.Random(1)
        self._writers = set[asyncio.StreamWriter]()
        self._tasks = set[asyncio.Task[None]]()
        self._light = asyncio.Event()
        self._light.set()
        self.port = 0

    async def start(self) -> None:
        """Listen, on the same port as before."""
        self._service = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self._front = await asyncio.start_server(self._connect, "127.0.0.1", self.port, backlog=1024)
        self.port = self._front.sockets[0].getsockname()[1]

    async def darken(self, seconds: float) -> None:
        """Let nothing through for a time; nobody is told."""
        self._light.clear()
        await asyncio.sleep(seconds)
        self._light.set()

    async def stop(self, seconds: float) -> None:
        """Reset all connections and refuse new ones for a time."""
        await self.close()
        await asyncio.sleep(seconds)
        await self.start()

    async def starve(self, seconds: float) -> None:
        """Reset all connections, and let this process open no file for a time."""
        await self._reset()
        few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (1, most))
        await asyncio.sleep(seconds)
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, most))

    async def close(self) -> None:
        """Reset all connections and listen no more."""
        self._front.close()
        self._service.close()
        await self._reset()

    async def _reset(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()
        while self._writers:  # noqa: ASYNC110 - who serves them lets go of them, and has nobody to tell
            await asyncio.sleep(0.01)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            port = self._service.sockets[0].getsockname()[1]
            upstream, downstream = await asyncio.open_connection("127.0.0.1", port)
        except (OSError, IndexError):  # stopped in this very moment
            return writer.transport.abort()
        ends = {writer, downstream}
        self._writers |= ends
        try:
            await asyncio.gather(self._carry(reader, downstream), self._carry(upstream, writer))
        finally:
            self._writers -= ends
            for each in ends:
                each.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one direction: what is under way is a queue, and arrives in order."""
        under_way = asyncio.Queue[tuple[float, bytes]]()
        delivering = asyncio.create_task(self._deliver(under_way, writer))
        loop, free, due = asyncio.get_running_loop(), 0.0, 0.0
        with suppress(ConnectionError, TimeoutError):
            while data := await asyncio.wait_for(reader.read(_SEGMENT), self._link.idle or None):
                free = max(free, loop.time()) + (len(data) / self._link.rate if self._link.rate else 0)
                due = max(due, free + self._link.delay + self._resent())
                under_way.put_nowait((due, data))
        under_way.put_nowait((due, b""))
        await delivering

    def _resent(self) -> float:
        """Seconds until a segment that is lost, perhaps several times, has been sent again."""
        seconds, again = 0.0, _AGAIN
        while self._chance.random() < self._link.loss:
            seconds, again = seconds + again, 2 * again
        return seconds

    async def _deliver(self, under_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(max(due - asyncio.get_running_loop().time(), 0))
            await self._light.wait()
            if not data:
                return writer.close()
            with suppress(ConnectionError):
                writer.write(data)
                await writer.drain()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                asked = Scenario.read(await reader.readexactly(int(length[1]) if length else 0))
                after = _AFTER.search(head)
                writer.write(_HEAD)
                for piece in prepared(asked)[int(after[1]) if after else 0 :]:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(asked.pace_us / 1e6)
                writer.write(b"0\r\n\r\n")
        self._writers.discard(writer)
        writer.transport.abort()


@attrs.frozen
class Running:
    """A network that runs.

    Attributes:
        address: Where clients find it.
        network: The network.
        loop: Its event loop.
    """

    address: str
    network: Network
    loop: asyncio.AbstractEventLoop


@contextmanager
def running_network(link: Link) -> Iterator[Running]:
    """A network, for as long as the block lasts."""
    begun = Future[Running]()
    over = asyncio.Event()

    async def run() -> None:
        network = Network(link)
        await network.start()
        begun.set_result(Running(f"http://127.0.0.1:{network.port}", network, asyncio.get_running_loop()))
        await over.wait()
        await network.close()

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="network")
    thread.start()
    running = begun.result(60)
    yield running
    running.loop.call_soon_threadsafe(over.set)
    thread.join()


@contextmanager
def through_nginx(address: str, idle: float) -> Iterator[str]:
    """The address of nginx before a service, for as long as the block lasts.

    Args:
        address: The service.
        idle: After so many seconds without a byte of the service it hangs up.
    """
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as probe:
        port, folder = probe.getsockname()[1], Path(name)
        probe.close()
        settings = folder / "nginx.conf"
        settings.write_text(_CONFIG.format(folder=folder, port=port, address=address, idle_ms=int(idle * 1000)))
        process = subprocess.Popen([str(NGINX), "-p", name, "-c", settings, "-e", folder / "log"])
        try:
            while not _takes_connections(port):
                assert process.poll() is None, "nginx does not run"
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _takes_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
