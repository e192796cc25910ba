"""Completion in shells: the scripts, and the command that installs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Gpo

_BASH = """
source "$1"; name=$(complete -p gpo | sed 's/.*-F \\([^ ]*\\).*/\\1/')
for words in "gpo me" "gpo metrics opi" "gpo chat --conti" "gpo api GET /api/Docu" "gpo ratings list -f sort_o"; do
  COMP_WORDS=($words); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=$words; COMP_POINT=${#words}; COMPREPLY=()
  $name gpo "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"; echo "${COMPREPLY[@]}"
done
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where shells have their files."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_installing(gpo: Gpo, home: Path, shell: str) -> None:
    """One command, once or twice; the script is the one that is printed."""
    assert gpo("completion", shell, "--install").code == 0
    done = gpo("completion", shell, "--install")
    assert (done.code, done.err) == (0, "")
    path = Path(done.out.removeprefix("Installed ").partition(". Start")[0])
    assert path.is_relative_to(home)
    assert path.read_text().strip() == gpo("completion", shell).out.strip()


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("bash"), reason="there is no bash")
def test_in_bash(gpo: Gpo, home: Path) -> None:
    """Commands and options, and what the contract knows: paths and fields."""
    (home / "gpo.sh").write_text(gpo("completion", "bash").out)
    folder = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "--norc", "-c", _BASH, "bash", "gpo.sh"],
        env={**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
        cwd=home, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert len(lines) == 5, done
    for line, expected in zip(
        lines, ("metrics", "opinion", "--continue", "/api/Documents", "sort_order="), strict=True
    ):
        assert expected in line
    assert "history" not in lines[0]
