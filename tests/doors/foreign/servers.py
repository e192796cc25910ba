"""Servers of others, each in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

import httpx


def free_ports(count: int) -> list[int]:
    with ExitStack() as opened:
        probes = [opened.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


@contextmanager
def running(*command: str, **environment: str) -> Generator[None]:
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def answered(address: str) -> None:
    """Wait until a server answers."""
    transport = httpx.HTTPTransport(retries=12)  # each after twice the time
    with httpx.Client(transport=transport) as client:
        client.get(address)
