"""A service that tags every answer with its connection, and programs that run in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from textwrap import dedent
from typing import Any

import pytest

from tests.client.conftest import connect_once, serve
from tests.http.conftest import authority, no_context_yet, server_tls, trusted
from tests.support.echo import EchoServer

__all__ = ["authority", "connect_once", "no_context_yet", "serve", "server_tls", "trusted"]
# A program of some seconds takes a minute on a machine that is busy with others; only one that hangs takes longer.
_PATIENCE_S = 300.0

Program = Callable[..., str]


@pytest.fixture
def echo() -> Iterator[EchoServer]:
    """A service whose answers hold their questions."""
    with EchoServer() as server:
        yield server


@pytest.fixture
def echo_tls(server_tls: Any, trusted: None) -> Iterator[EchoServer]:
    """The same, encrypted."""
    with EchoServer(tls=server_tls) as server:
        yield server


@pytest.fixture
def program() -> Program:
    """Runs a program in a process of its own; gives what it printed."""

    def run(text: str, *arguments: str, code: int = 0, options: tuple[str, ...] = ()) -> str:
        command = [sys.executable, "-W", "error::ResourceWarning", *options, "-c", dedent(text), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
        assert done.returncode == code, done.stderr
        assert "Exception ignored" not in done.stderr
        return done.stdout

    return run
