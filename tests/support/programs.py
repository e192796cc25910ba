"""Programs that tests need, run on ports of their own for as long as a ``with`` block lasts."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.parts import installed

# Only what does not start at all, or does not end, takes so long.
_PATIENCE_S = 120.0


def free_ports(number: int) -> list[int]:
    """Ports on which nobody listens."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    try:
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@contextmanager
def running(arguments: Sequence[str | Path], port: int, log: Path, **environment: str) -> Generator[None]:
    """Run a program that stays in the foreground, until it takes connections and from then on.

    Args:
        arguments: The program and its arguments.
        port: Where it listens.
        log: Where its words go.
        environment: Variables besides those of the tests.
    """
    command, environment = [installed(str(arguments[0])), *arguments[1:]], {**os.environ, **environment}
    with log.open("wb") as words:
        process = subprocess.Popen(command, stdout=words, stderr=words, env=environment)
    try:
        _wait_until(lambda: _takes_connections(port), process, log)
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)


def _wait_until(is_ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    tries = int(_PATIENCE_S / 0.05)
    for _ in range(tries):
        if is_ready():
            return
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(log.read_text())
    raise AssertionError("it takes no connections")


def _takes_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
