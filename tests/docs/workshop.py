"""Does what a page shows, block by block, in a folder of its own, as a reader would."""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import attrs

from tests.docs.blocks import Block, is_left_out
from tests.support.parts import installed
from tests.support.terminal import Terminal

_PATIENCE_S = 60.0

_RUNNER = Path(__file__).with_name("runner.py")
# Imported once for all blocks of a page that shows them; of the client, what each of its users loads.
_MODULES = (
    *("asyncio", "gpo_client.client.aio.client", "gpo_client.client.sync.client", "gpo_client.http.sync.exchange"),
    *("gpo_client.http.network.asyncio", "gpo_core_client.api.chat.chat", "gpo_core_client.models"),
)
_MODULES_IF_SHOWN = ("gpo_client.relay", "gpo_sandbox", "fastapi", "flask", "django.http", "pytest")
# Whoever runs the tests in the background may have switched Ctrl-C off for all that they start.
_INTERRUPTIBLE = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
    " os.execvp('bash', ['bash', '-c', sys.argv[1]])"
)

#: The ports that pages name; each is replaced by a free one.
PORTS = ("8760", "8000", "5000", "8001")


@attrs.frozen
class Shown:
    """What a page says that something prints, and what it prints in fact.

    Attributes:
        block: Where it stands.
        what: The command, or the Python block.
        output: What is shown; where nothing is, nothing is claimed.
        printed: What is printed.
        start: Where the output begins in the text of the block.
    """

    block: Block
    what: str
    output: str
    printed: str
    start: int = 0


class Workshop:
    """A folder, a server, and whatever has been started.

    Args:
        folder: Where everything happens.
        base_url: The sandbox that clients talk to.
    """

    def __init__(self, folder: Path, base_url: str) -> None:
        self._folder = folder
        self._ports = {port: str(_free_port()) for port in PORTS}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._environment = {
            **os.environ,
            "PATH": path,
            "PYTHONUTF8": "1",
            "GPO_API_BASE_URL": base_url,
            "GPO_SANDBOX_PORT": self._ports["8760"],
            "GPO_SESSION_USER_ID": "user-1",
            "XDG_STATE_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / ".config"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        self._servers: list[subprocess.Popen[Any]] = []
        self._runner: subprocess.Popen[str] | None = None
        self._printed: list[str] = []
        self._pair: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for process in [*self._servers, *([self._runner] if self._runner is not None else [])]:
            with suppress(ProcessLookupError), process:  # closes its pipes, then waits
                os.killpg(process.pid, signal.SIGKILL)

    def perform(self, block: Block) -> Iterator[Shown]:
        """Do what a block says, and tell what it shows beside what was printed."""
        if "file" in block.marks:
            (self._folder / block.marks["file"]).write_text(block.text, "utf-8")
        if not {"run by", "not run"}.isdisjoint(block.marks):
            return
        if block.language == "python":
            # Both blocks of a pair print what is shown below it.
            earlier = self._printed if block.pair is not None and block.pair == self._pair else []
            self._printed, self._pair = [*earlier, self._python(block)], block.pair
        elif block.language == "console":
            yield from self._console(block)
        elif "terminal" in block.marks:
            yield Shown(block, block.marks["terminal"], block.text, self._terminal(block.marks["terminal"]))
        elif "output" in block.marks:
            for printed in self._printed:
                yield Shown(block, "the Python block above", block.text, printed)

    def _python(self, block: Block) -> str:
        if self._runner is None:
            shown = block.page.read_text("utf-8")
            modules = [*_MODULES, *(name for name in _MODULES_IF_SHOWN if name.partition(".")[0] in shown)]
            self._runner = subprocess.Popen(
                [sys.executable, "-W", "error", str(_RUNNER), *modules],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                cwd=self._folder,
                env=self._environment,
                start_new_session=True,
            )
        assert self._runner.stdin is not None
        assert self._runner.stdout is not None
        print(json.dumps({"program": block.text, "notebook": "notebook" in block.marks}), file=self._runner.stdin)
        self._runner.stdin.flush()
        done = json.loads(self._runner.stdout.readline())
        assert (done["code"], done["stderr"]) == (0, ""), f"{block.place}\n{done['stdout']}{done['stderr']}"
        return str(done["stdout"])

    def _console(self, block: Block) -> Iterator[Shown]:
        for part in re.finditer(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE):
            command, output = part[1], part[2]
            if is_left_out(command):
                continue
            if "until Ctrl-C" in block.marks:
                self._interrupt(command)
            elif command.endswith("&"):
                self._start(command)
            else:
                yield Shown(block, command, output, self._run(command, may_fail=bool(output)), part.start(2))

    def _run(self, command: str, *, may_fail: bool) -> str:
        if "curl" in command:
            installed("curl")
        done = subprocess.run(
            ["bash", "-c", self._with_free_ports(command)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=_PATIENCE_S,
            check=False,
            cwd=self._folder,
            env=self._environment,
        )
        # What is shown may be an error; where nothing is shown, everything goes well.
        assert may_fail or done.returncode == 0, f"{command}\n{done.stdout}"
        assert "Traceback" not in done.stdout, done.stdout
        return self._with_shown_ports(done.stdout)

    def _start(self, command: str) -> None:
        """Start a server and wait until it answers."""
        command = self._with_free_ports(command.removesuffix("&"))
        port = next((port for port in self._ports.values() if port in command), self._ports["8760"])
        with (self._folder / f"server-{port}.log").open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-c", _INTERRUPTIBLE, f"exec {command}"],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=self._environment,
                start_new_session=True,
            )
        self._servers.append(server)
        _wait_for(int(port), server, self._folder / f"server-{port}.log")

    def _interrupt(self, command: str) -> None:
        """Start a server, and press Ctrl-C when it answers."""
        self._start(command)
        server = self._servers.pop()
        os.killpg(server.pid, signal.SIGINT)
        assert server.wait(_PATIENCE_S) == 0, command

    def _terminal(self, command: str) -> str:
        program, *arguments = shlex.split(command)
        assert program == "gpo", "only gpo is shown in terminals so far"
        kept: dict[str, Any] = {
            name: value for name, value in self._environment.items() if value != os.environ.get(name)
        }
        with Terminal(str(Path(sys.executable).with_name("gpo")), *arguments, **kept) as terminal:
            terminal.wait()
        return f"{terminal.text}\n"

    def _with_free_ports(self, text: str) -> str:
        return _replace(text, self._ports)

    def _with_shown_ports(self, text: str) -> str:
        return _replace(text, {free: shown for shown, free in self._ports.items()})


def _replace(text: str, words: Mapping[str, str]) -> str:
    for old, new in words.items():
        text = re.sub(rf"(?<!\d){old}(?!\d)", new, text)
    return text


def _free_port() -> int:
    """A port that nobody listens on, and that nobody is given who asks for any: those are from 32768 on."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _wait_for(port: int, server: subprocess.Popen[Any], log: Path) -> None:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text("utf-8")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)  # a port tells nobody that it begins to listen
        else:
            return
    raise AssertionError(f"nothing listens on port {port}: {log.read_text('utf-8')}")


def comparable(output: str) -> str:
    """The output without what differs from one time to the next: ids, times, ports, versions, line breaks."""
    output = re.sub(r"\b(conv|msg|sess|session)_[0-9a-f]+", r"\1_…", output)
    output = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID", output)
    output = re.sub(r'"answer_id":"[\w-]+"', "ANSWER", output)
    output = re.sub(r"\d+(\.\d+)? (s|ms|chunks)\b", r"… \2", output)
    output = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", "DATE", output)
    output = re.sub(r"(127\.0\.0\.1(?::| port ))\d+", r"\1PORT", output)
    output = re.sub(r"Python \S+ \S+|gpo-client +\S+", "VERSION", output)
    return " ".join(output.split())
