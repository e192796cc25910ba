"""Commands of the documents that would take long or run the tests again: they are known to what would run them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.docs.blocks import PAGES, ROOT, blocks_of

COMMANDS = [
    line[2:].partition(" #")[0].strip()
    for page in PAGES
    for block in blocks_of(page)
    if block.language == "console"
    for line in block.text.splitlines()
    if line.startswith("$ ")
]
MAKE = sorted({command for command in COMMANDS if command.startswith("make ")})
PIP = sorted({command for command in COMMANDS if "pip install" in command})


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
@pytest.mark.parametrize("command", MAKE)
def test_make(command: str) -> None:
    """make knows the target and all that it rests on; what it runs are the programs that other tests run."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    words = [*shlex.split(command), "--dry-run", "--no-print-directory"]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_python_without_venv(tmp_path: Path) -> None:
    """Debian's Python comes without venv: make says what to install, and leaves no half of an environment."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncase "$*" in *ensurepip*|*"-m venv"*) exit 1;; esac\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "--file", str(ROOT / "Makefile"), f"PYTHON={python}", ".venv/bin/python"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stdout
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("command", PIP)
def test_pip(command: str) -> None:
    """The extras exist; tests/packaging installs the package itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    packages = [word for word in shlex.split(command.split("install")[1]) if not word.startswith("-")]
    for package in packages:
        named = re.fullmatch(r"(gpo-client|\.|[a-z-]+)(?:\[([a-z,-]+)\])?", package)
        assert named, package
        assert named[1] in ("gpo-client", ".") or not named[2]
        assert set((named[2] or "cli").split(",")) <= set(extras)


def test_there_are_commands() -> None:
    """The commands are found."""
    assert len(MAKE) > 5
    assert len(PIP) > 1
