"""Blocks of documents that show what commands print, and the commands' true output.

Two kinds of blocks are meant: ``console`` blocks, in which each line that begins with ``$`` is a command and the lines
below it are what it prints in a pipe, and ``text`` blocks below a comment ``<!-- terminal: COMMAND -->``, which show a
terminal of 80 columns.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from tests.support.terminal import Terminal

_CONSOLE = re.compile(r"^```console\n(?P<body>.*?)^```", re.DOTALL | re.MULTILINE)
_TERMINAL = re.compile(r"^<!-- terminal: (?P<command>.*) -->\n```text\n(?P<body>.*?)^```", re.DOTALL | re.MULTILINE)

# What a test neither can nor should do: it needs a network, or does not end by itself.
_UNTRIED = ("pip install", "gpo sandbox")


@attrs.frozen
class Shown:
    """A command in a document.

    Attributes:
        command: What is typed.
        output: What the document says that it prints.
        in_terminal: Whether it is shown in a terminal; otherwise in a pipe.
        start: Where the output begins in the document.
        end: Where it ends.
    """

    command: str
    output: str
    in_terminal: bool
    start: int
    end: int


def commands(document: str) -> list[Shown]:
    """The commands that a document shows, in its order."""
    found = [*_in_consoles(document), *_in_terminals(document)]
    return sorted((one for one in found if not one.command.startswith(_UNTRIED)), key=lambda one: one.start)


def _in_consoles(document: str) -> Iterator[Shown]:
    for block in _CONSOLE.finditer(document):
        for part in re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block["body"], re.MULTILINE):
            start = block.start("body") + part.start(2)
            yield Shown(part[1], part[2], False, start, start + len(part[2]))


def _in_terminals(document: str) -> Iterator[Shown]:
    for block in _TERMINAL.finditer(document):
        yield Shown(block["command"], block["body"], True, block.start("body"), block.end("body"))


def output_of(shown: Shown, folder: Path, environment: Mapping[str, str]) -> str:
    """What the command prints in fact."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if shown.in_terminal:
        command = [str(Path(sys.executable).with_name("gpo")), *shlex.split(shown.command)[1:]]
        variables: dict[str, Any] = {**environment}
        with Terminal(*command, **variables) as terminal:
            terminal.wait()
        return f"{terminal.text}\n"
    done = subprocess.run(
        ["bash", "-c", shown.command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONUTF8": "1", **environment},
    )
    return done.stdout


def comparable(output: str) -> str:
    """The output without what differs from one time to the next: ids, times, ports, versions, line breaks."""
    output = re.sub(r"\b(conv|msg)_[0-9a-f]+", r"\1_…", output)
    output = re.sub(r"\d+(\.\d+)? (s|ms)\b", r"… \2", output)
    output = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "DATE", output)
    output = re.sub(r"(127\.0\.0\.1(?::| port ))\d+", r"\1PORT", output)
    output = re.sub(r"Python \S+ \S+|gpo-client \S+", "VERSION", output)
    return " ".join(output.split())
