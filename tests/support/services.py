"""Services in processes of their own, and browsers that speak to them over real connections."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.relay.browser import Page

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 60.0


class Service:
    """A service that is serving requests."""

    def __init__(self, process: subprocess.Popen[str], base_url: str, drain: threading.Thread) -> None:
        self.base_url = base_url
        self._process = process
        self._drain = drain

    def interrupt(self) -> None:
        """Tell it to shut down."""
        self._process.send_signal(signal.SIGTERM)

    def ended(self) -> int:
        """Wait for its end, and return the exit code."""
        code = self._process.wait(_PATIENCE_S)
        self._drain.join(_PATIENCE_S)
        return code


@contextmanager
def running_service(*arguments: str, announced: str, **environment: str) -> Generator[Service]:
    """Run a program with the tests' Python, as long as the block lasts.

    Args:
        arguments: Of the interpreter.
        announced: What the program writes to its standard output or error when it serves: a pattern with the address.
        environment: Variables besides the usual ones.
    """
    process = subprocess.Popen(
        [sys.executable, "-W", "error::ResourceWarning", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        base_url, lines = _wait_until_announced(process.stdout, announced)
        # Somebody must read on, or the pipe fills up.
        drain = threading.Thread(target=lines.extend, args=(process.stdout,))
        drain.start()
        service = Service(process, base_url, drain)
        yield service
        if process.poll() is None:
            service.interrupt()
        service.ended()
        assert not [line for line in lines if "Traceback" in line or "ERROR" in line], "".join(lines)
    finally:
        process.kill()
        process.wait(_PATIENCE_S)
        process.stdout.close()


def _wait_until_announced(output: Iterator[str], announced: str) -> tuple[str, list[str]]:
    lines = []
    for line in output:
        lines.append(line)
        if found := re.search(announced, line):
            return found[1], lines
    raise AssertionError("the service ended instead: " + "".join(lines))


@contextmanager
def connected(url: str, page: Page, headers: Mapping[str, str] | None = None) -> Generator[Iterator[bytes]]:
    """A browser's connection: what it receives, fed to the page as it is taken."""
    headers = {**(headers or {}), **({"Last-Event-ID": page.last_event_id} if page.last_event_id else {})}
    page.connect()
    with (
        httpx.Client(timeout=_PATIENCE_S, trust_env=False) as http,
        http.stream("GET", url, headers=headers) as response,
    ):
        assert response.status_code == 200, response.read()

        def parts() -> Iterator[bytes]:
            for part in response.iter_raw():
                page.feed(part)
                yield part

        yield parts()
