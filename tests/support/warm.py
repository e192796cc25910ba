"""A process that has imported ``gpo`` and forks for each that a test runs: a start costs milliseconds, not a second.

``python -W error -m tests.support.warm DESCRIPTOR`` waits on a socket. A message is the arguments and the environment
of one ``gpo``, as JSON, with two descriptors: its terminal, and a pipe that is told its process id, then how it ended.
What is forked has no threads, no event loop and no client; it runs and ends as a process of its own does.
"""

from __future__ import annotations

import fcntl
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import attrs

_MOST = 1 << 20
# What a ``gpo`` that asks or lists something imports.
_IMPORTED = ("gpo_client.cli.app", "gpo_client.cli.chat", "gpo_client.client", "gpo_client.http.sync", "prompt_toolkit")


@attrs.define
class Forked:
    """A ``gpo`` that was started, as `subprocess.Popen` shows a process.

    Args:
        told: The pipe on which it is told what becomes of it.
    """

    _told: int
    _pid: int = attrs.field(init=False)
    returncode: int | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._pid = int(os.read(self._told, 32))

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        if self.returncode is None and not select.select([self._told], [], [], 0)[0]:
            os.kill(self._pid, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; its exit code, or the number of the signal that ended it, below zero."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("gpo", timeout or 0)
            self.returncode = int(os.read(self._told, 32))
            os.close(self._told)
        return self.returncode


@functools.cache
def _server() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    ours, its = socket.socketpair()
    with its:
        command = [sys.executable, "-W", "error", "-m", "tests.support.warm", str(its.fileno())]
        environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        return ours, subprocess.Popen(command, pass_fds=[its.fileno()], env=environment)


def start(arguments: Sequence[str], terminal: int, environment: Mapping[str, str]) -> Forked:
    """Start a ``gpo`` in this folder.

    Args:
        arguments: Its arguments.
        terminal: The terminal that it gets for its own.
        environment: All of its variables.
    """
    read, write = os.pipe()
    told = {"arguments": list(arguments), "environment": dict(environment), "folder": str(Path.cwd())}
    socket.send_fds(_server()[0], [json.dumps(told).encode()], [terminal, write])
    os.close(write)
    return Forked(read)


def close() -> None:
    """End the process that forks, if there is one."""
    if _server.cache_info().currsize:
        line, process = _server()
        line.close()
        process.wait()
        _server.cache_clear()


def _serve(line: socket.socket) -> list[str] | None:
    """Fork for each message; None at the end, or, in a forked process, its arguments."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        data, (*descriptors,), _, _ = socket.recv_fds(line, _MOST, 2)
        if not data:
            return None
        told = json.loads(data)
        if os.fork() == 0:
            line.close()
            # Before there is a child whose end must not be lost.
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            if os.fork() == 0:
                return _become(told, *descriptors)
            _watch(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _watch(terminal: int, pipe: int) -> NoReturn:
    os.close(terminal)
    _, status = os.wait()
    os.write(pipe, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(told: dict[str, Any], terminal: int, pipe: int) -> list[str]:
    """Be what a process that was just started in a terminal is."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for descriptor in range(3):
        os.dup2(terminal, descriptor)
    os.close(terminal)
    # Even if whoever runs the tests ignores interruptions.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(told["environment"])
    time.tzset()
    os.chdir(told["folder"])
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", 1, "utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, "utf-8", "backslashreplace", closefd=False)
    sys.argv = ["gpo", *told["arguments"]]
    os.write(pipe, f"{os.getpid():<32}".encode())
    os.close(pipe)
    return list(told["arguments"])


if __name__ == "__main__":
    for _name in _IMPORTED:
        __import__(_name)
    from gpo_client.cli import main

    _arguments = _serve(socket.socket(fileno=int(sys.argv[1])))
    sys.exit(0 if _arguments is None else main(_arguments))
