"""A real Redis server on a port of its own, for as long as a ``with`` block lasts."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import redis

_PATIENCE_S = 20.0


@contextmanager
def running_redis(folder: Path) -> Generator[str]:
    """Run a server that keeps nothing.

    Args:
        folder: Where it may put its files.

    Yields:
        Its address, as ``redis://…``.
    """
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = {
        "port": port,
        "bind": "127.0.0.1",
        "save": "",
        "appendonly": "no",
        "dir": folder,
        "logfile": "redis.log",
    }
    arguments = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
    process = subprocess.Popen(["redis-server", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_ready(port, process)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    patience = redis.retry.Retry(redis.backoff.ConstantBackoff(0.05), 400, (redis.ConnectionError, OSError))
    with redis.Redis(port=port, retry=patience) as connection:
        assert connection.ping()
    assert process.poll() is None, "another server answered on its port"
