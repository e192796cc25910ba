"""Completion in shells: the command that installs it, and what real shells then complete."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from cyclopts.completion.detect import ShellDetectionError

from tests.cli.conftest import Gpo
from tests.support.parts import optional
from tests.support.terminal import Terminal

#: What is typed, and what one of the completions begins with: commands, options, and paths and fields of the contract.
_TYPED = {
    "gpo me": "metrics",
    "gpo metrics opi": "opinion",
    "gpo chat --conti": "--continue",
    "gpo api GET /api/Docu": "/api/Documents",
    "gpo ratings list -f sort_o": "sort_order=",
}
_BASH = """
source ~/.bashrc; name=$(complete -p gpo | sed 's/.*-F \\([^ ]*\\).*/\\1/')
for words in "$@"; do
  COMP_WORDS=($words); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=$words; COMP_POINT=${#words}; COMPREPLY=()
  $name gpo "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"; echo "${COMPREPLY[@]}"
done
"""
_FISH = """
for words in $argv
  string join -- " " (complete --do-complete $words | string replace --regex "\\t.*" "")
end
"""
_CLEAR, _TAB = b"\x15", b"\t"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where shells have their files, and where they find the command."""
    for name in ("ZDOTDIR", "ZSH", "ZSH_CUSTOM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


@pytest.mark.parametrize("shell", ["bash", *(pytest.param(shell, marks=pytest.mark.slow) for shell in ("zsh", "fish"))])
def test_installing(gpo: Gpo, home: Path, shell: str) -> None:
    """One command, once or twice; the script is the one that is printed."""
    assert gpo("completion", shell, "--install").code == 0
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    done = gpo("completion", shell, "--install")
    assert (done.code, done.err) == (0, "")
    path = Path(done.out.removeprefix("Installed ").partition(". Start")[0])
    assert path.is_relative_to(home)
    assert path.read_text().strip() == gpo("completion", shell).out.strip()
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def _output(command: Sequence[str]) -> list[str]:
    done = subprocess.run([*command, *_TYPED], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert len(lines) == len(_TYPED), done
    return lines


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="other shells are at home there")
@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_shells(gpo: Gpo, home: Path, shell: str) -> None:
    """After the one command a new shell completes."""
    program = optional(shell, f"apt install {shell}")
    assert gpo("completion", shell, "--install").code == 0
    given = ("--norc", "-c", _BASH, "bash") if shell == "bash" else ("-c", _FISH)
    completed = _output([program, *given])
    for line, expected in zip(completed, _TYPED.values(), strict=True):
        assert any(word.startswith(expected) for word in line.split())
    assert "history" not in completed[0]


def test_a_shell_that_is_not_known(gpo: Gpo, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is to be named."""
    monkeypatch.setattr("gpo_client.cli.app.detect_shell", _not_detected)
    for arguments in ((), ("--install",)):
        done = gpo("completion", *arguments)
        assert (done.code, "name it" in done.complaint) == (2, True)


def _not_detected() -> str:
    raise ShellDetectionError


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("mine", ["", "autoload -Uz compinit && compinit -u\n"])
def test_zsh(gpo: Gpo, home: Path, mine: str) -> None:
    """The same at a prompt, where zsh completes; whether or not the user had set up completion before."""
    program = optional("zsh", "apt install zsh")
    (home / ".zshrc").write_text(mine)
    assert gpo("completion", "zsh", "--install").code == 0
    with Terminal(program, "-i", columns=100, lines=40) as terminal:
        for typed, expected in _TYPED.items():
            terminal.send(typed.encode() + _TAB)
            terminal.wait_for(expected)
            terminal.send(_CLEAR)
