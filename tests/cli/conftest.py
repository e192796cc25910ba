"""Fixtures for the tests of the command line."""

from __future__ import annotations

import io
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from cyclopts import App

from gpo_client.cli import main
from gpo_sandbox import running_sandbox
from tests.support import warm


@attrs.frozen
class Outcome:
    """What a command did: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines on standard output."""
        return self.out.splitlines()

    @property
    def complaint(self) -> str:
        """The one line on standard error."""
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("gpo: ")
        return self.err[len("gpo: ") : -1]


#: Runs gpo with arguments, and perhaps ``stdin=b"…"``, in this process; its output goes into a pipe, as it were.
Gpo = Callable[..., Outcome]


class _Terminalish(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _a_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The user of these tests, who has no files of their own."""
    monkeypatch.setenv("GPO_SESSION_USER_ID", f"user-{tmp_path.name}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session", autouse=True)
def _warm() -> Iterator[None]:
    """The process that tests in terminals fork is gone at the end."""
    yield
    warm.close()


@pytest.fixture(scope="session", autouse=True)
def _scripts_of_shells() -> Iterator[None]:
    """Completion of a shell is written once: that takes a second, and is always the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(App, "generate_completion", _written_once(App.generate_completion))
        yield


def _written_once(generate: Callable[..., str]) -> Callable[..., str]:
    scripts: dict[str | None, str] = {}

    def script(app: App, *, shell: str | None = None) -> str:
        if shell not in scripts:
            scripts[shell] = generate(app, shell=shell)
        return scripts[shell]

    return script


@pytest.fixture
def gpo(sandbox: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Gpo:
    """The command line, pointed at the shared sandbox."""
    monkeypatch.setenv("GPO_API_BASE_URL", sandbox.base_url)

    def run(*arguments: str, stdin: bytes | None = None) -> Outcome:
        piped = _Terminalish() if stdin is None else io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", piped)
        code = main(arguments)
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def slow_sandbox() -> Iterator[Any]:
    """A sandbox that takes its time, so that there is a middle of an answer."""
    with running_sandbox(chunk_delay_s=0.015) as running:
        yield running


@pytest.fixture
def unused_address() -> str:
    """The address of a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def shown(done: Outcome) -> dict[str, tuple[str, str]]:
    """Settings with their values and origins."""
    assert (done.code, done.err) == (0, "")
    return {name: (value, origin) for name, value, origin in (line.split("\t") for line in done.lines)}
