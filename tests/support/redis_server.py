"""Real Redis servers on ports of their own, for as long as a ``with`` block lasts, and ways for them to fail."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import redis

from tests.support.parts import installed
from tests.support.programs import free_ports
from tests.support.thread_server import ThreadServer, shut

_PATIENCE_S = 60.0


class RedisServer:
    """A server on a port of its own that keeps nothing, unless it is told to.

    Args:
        folder: Where it may put its files.
        options: Further settings, with ``_`` for ``-``.
    """

    def __init__(self, folder: Path, **options: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        settings = {
            "port": self.port,
            "bind": "127.0.0.1",
            "save": "",
            "appendonly": "no",
            "dir": folder,
            "logfile": "redis.log",
            **{name.replace("_", "-"): value for name, value in options.items()},
        }
        arguments = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
        self._command = [installed("redis-server"), *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens, as ``redis://…``."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, with what it has kept, and wait until it serves."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait_until_ready(self.port, self._process)

    def kill(self) -> None:
        """End it as a crash does (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_PATIENCE_S)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


@contextmanager
def running_redis(folder: Path, **options: str) -> Generator[str]:
    """Run a server as :class:`RedisServer` says; yields its address."""
    with RedisServer(folder, **options) as server:
        yield server.address


@contextmanager
def running_cluster(folder: Path, nodes: int) -> Generator[int]:
    """Run a cluster without replicas; yields the port of one of its nodes."""
    with ExitStack() as stack:
        ports = []
        # Left to itself, a node talks to the others on a port higher by 10,000: there may be none, or it is taken.
        buses = free_ports(nodes)
        for number, bus in enumerate(buses):
            (home := folder / str(number)).mkdir()
            options = {"cluster_enabled": "yes", "cluster_require_full_coverage": "no", "cluster_port": str(bus)}
            ports.append(stack.enter_context(RedisServer(home, **options)).port)
        share = 16384 // nodes
        for number, port in enumerate(ports):
            with redis.Redis(port=port) as node:
                last = 16383 if number == nodes - 1 else (number + 1) * share - 1
                node.execute_command("CLUSTER", "ADDSLOTSRANGE", number * share, last)
                node.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[0], buses[0])
        for port in ports:
            _wait_until_joined(port, nodes)
        yield ports[0]


def _wait_until_joined(port: int, nodes: int) -> None:
    with redis.Redis(port=port, decode_responses=True) as node:
        until = time.monotonic() + _PATIENCE_S
        while not {"cluster_state:ok", f"cluster_known_nodes:{nodes}"} <= set(_info(node)):
            assert time.monotonic() < until, "the nodes do not meet"
            time.sleep(0.05)


def _info(node: redis.Redis) -> list[str]:
    ask: Any = node.execute_command
    found = ask("CLUSTER", "INFO")
    return [f"{name}:{value}" for name, value in found.items()] if isinstance(found, dict) else str(found).split()


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    patience = redis.retry.Retry(redis.backoff.ConstantBackoff(0.05), 400, (redis.ConnectionError, OSError))
    with redis.Redis(port=port, retry=patience) as connection:
        assert connection.ping()
    assert process.poll() is None, "another server answered on its port"


class Proxy(ThreadServer):
    """A connection to Redis that fails when it is told to: real sockets, so that redis-py sees what it would see.

    Args:
        address: Of the Redis.
    """

    def __init__(self, address: str) -> None:
        super().__init__()
        self._database = address.rpartition("/")[2]
        host, _, port = address.partition("://")[2].partition("/")[0].partition(":")
        self._target = (host, int(port))
        self._is_refusing = False
        self._loses = 0
        self._running = threading.Event()
        self._running.set()
        #: How many replies were lost.
        self.lost = 0

    @property
    def address(self) -> str:
        """Where it listens, as ``redis://…``."""
        return f"redis://127.0.0.1:{self.port}/{self._database}"

    def lose_next_reply(self) -> None:
        """Close the connection instead of passing the next reply on."""
        self._loses = 1

    def refuse(self) -> None:
        """Close all connections, and every new one."""
        self._is_refusing = True
        super()._hang_up()

    def accept(self) -> None:
        """Let connections through again."""
        self._is_refusing = False

    def stall(self) -> None:
        """Pass nothing on, and close nothing."""
        self._running.clear()

    def go_on(self) -> None:
        """Pass on again, what has waited first."""
        self._running.set()

    def _hang_up(self) -> None:
        self.go_on()
        super()._hang_up()

    def _take(self, peer: socket.socket) -> None:
        if self._is_refusing:
            return peer.close()
        try:
            server = socket.create_connection(self._target)
        except OSError:  # it is down
            return peer.close()
        self._peers.append(server)
        self._start(self._pass_on, peer, server)
        self._start(self._pass_on, server, peer)
        return None

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        is_reply = sink.getpeername()[1] != self._target[1]
        with suppress(OSError):
            while data := source.recv(65536):
                self._running.wait()
                if is_reply and self._loses:
                    self._loses, self.lost = 0, self.lost + 1
                    break
                sink.sendall(data)
        shut(source)
        shut(sink)
        source.close()
