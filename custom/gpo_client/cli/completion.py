"""Completion in shells: the scripts, and what a shell needs to find them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from cyclopts import App
from cyclopts.completion.detect import ShellDetectionError, detect_shell

from gpo_client.cli.exit_codes import usage

Shell = Literal["bash", "zsh", "fish"]

# At the end, where the user's own set-up of completion, if there is any, has been done. Without "-i" zsh asks about
# folders that others may write to, whenever it starts.
_IN_ZSHRC = """
# gpo completion
fpath=({folder} $fpath)
(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit -i }}
autoload -Uz {name} && compdef {name} gpo
"""


def script_of(app: App, shell: Shell | None) -> str:
    """Return the script that completes the commands.

    Args:
        app: The commands.
        shell: The shell; None: the one that is in use.

    Raises:
        CommandError: None is known to be in use.
    """
    return app.generate_completion(shell=shell or _in_use())  # nosec B604 - the name of a shell; none is started


def install(app: App, shell: Shell | None) -> Path:
    """Put the script where the shell finds it, and have a shell that starts load it; where it is.

    Raises:
        CommandError: No shell is known to be in use.
        OSError: A file cannot be written.
    """
    named = shell or _in_use()
    place = _place(named)
    path = app.install_completion(shell=named, output=place, add_to_startup=named != "zsh")  # nosec B604 - as above
    if named == "zsh":
        _load_in_zsh(path)
    return path


def _in_use() -> Shell:
    try:
        return detect_shell()  # type: ignore[return-value]  # or PowerShell, which the library knows
    except ShellDetectionError as error:
        raise usage("your shell is not known: name it, as in gpo completion zsh --install") from error


def _place(shell: str) -> Path | None:
    """Return where the shell looks for it; None: where the library says."""
    if shell == "fish":
        return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "fish" / "completions" / "gpo.fish"
    return Path.home() / ".zsh" / "completions" / "_cyclopts_gpo" if shell == "zsh" else None


def _load_in_zsh(script: Path) -> None:
    file = Path(os.environ.get("ZDOTDIR") or Path.home()) / ".zshrc"
    lines = _IN_ZSHRC.format(folder=f"'{script.parent}'", name=script.name)
    if not (file.exists() and lines in file.read_text(encoding="utf-8", errors="surrogateescape")):
        with file.open("a", encoding="utf-8") as end:
            end.write(lines)
