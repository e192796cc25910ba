"""What gpo shows in terminals of 60, 80 and 120 columns, held against files. ``GPO_WRITE_GOLDEN=1`` writes them.

An emulator shows it in all tests, and tmux, a terminal that people use, where it is installed.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.parts import optional
from tests.support.terminal import GPO, in_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

# Read now: tests see no variables of this prefix.
WRITE = bool(os.environ.get("GPO_WRITE_GOLDEN"))
GOLDEN = Path(__file__).parent / "golden"
COMMANDS = {
    "chat": ("chat", "Which records must a company keep for transfer pricing?"),
    "documents": ("documents", "list", "--limit", "3"),
    "document-search": ("documents", "search", "RESICO"),
    "metrics": ("metrics", "total-questions", "--window", "last year"),
}


def _settled(shown: str) -> str:
    """What is shown, without what differs each time."""
    ids = re.sub(r"(conv|msg)_[0-9a-f]{24}", r"\1_0123456789abcdef01234567", shown)
    return re.sub(r"\d+\.\d\d s", "0.00 s", ids) + "\n"


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_shown(sandbox: Any, name: str, columns: int) -> None:
    """Nothing is wider than the terminal, and nothing has moved."""
    with in_terminal(*COMMANDS[name], base_url=sandbox.base_url, columns=columns, lines=200, TZ="UTC") as terminal:
        assert terminal.wait() == 0
    shown = _settled(terminal.text)
    assert all(len(line) <= columns for line in shown.splitlines())
    golden = GOLDEN / f"{name}-{columns}.txt"
    if WRITE:
        golden.write_text(shown, "utf-8")
    assert shown == golden.read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_tmux_shows_the_same(sandbox: Any, columns: int, tmp_path: Path) -> None:
    """All commands, each in a window of its own."""
    tmux = [optional("tmux", "apt install tmux"), "-u", "-f", os.devnull]
    told = {"TMUX_TMPDIR": str(tmp_path), "GPO_API_BASE_URL": sandbox.base_url, "GPO_PAGER": "cat", "PYTHONUTF8": "1"}
    # What os.environ has, and nothing else: readline, which pytest imports, sets COLUMNS without telling Python.
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR", "TMUX")}
    environment = {**kept, **told, "TZ": "UTC"}

    def call(*arguments: str) -> str:
        done = subprocess.run([*tmux, *arguments], env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    call("new-session", "-d", "-s", "gpo", "-x", str(columns), "-y", "200", "cat")
    try:
        for name, command in COMMANDS.items():
            # It tells when it is done, and its window stays.
            done = f"{shlex.join([*GPO, *command])}; {shlex.join([*tmux, 'wait-for', '-S', name])}; exec cat"
            call("new-window", "-n", name, done)
            call("wait-for", name)
            shown = call("capture-pane", "-p", "-t", f"gpo:{name}").rstrip()
            assert _settled(shown) == (GOLDEN / f"{name}-{columns}.txt").read_text("utf-8")
    finally:
        call("kill-server")
