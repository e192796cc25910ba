"""All commands in one: how they are put together, run, and completed in shells."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

import attrs
from cyclopts import App
from cyclopts.completion.detect import ShellDetectionError, detect_shell

from gpo_client.cli.api import api
from gpo_client.cli.batch import batch
from gpo_client.cli.chat import chat
from gpo_client.cli.config import config_path, set_config, show_config, unset_config
from gpo_client.cli.console import Screen, abandon, settle, standard_screen
from gpo_client.cli.doctor import doctor
from gpo_client.cli.documents import download_documents, list_documents, open_document, search_documents
from gpo_client.cli.doors import mcp, sandbox, serve_openai
from gpo_client.cli.exit_codes import ExitCode, exit_code, usage
from gpo_client.cli.history import feedback, history, messages, rate
from gpo_client.cli.login import login, logout
from gpo_client.cli.options import Common, Switch, logged
from gpo_client.cli.reports import report_apps
from gpo_client.cli.signals import raised
from gpo_client.exceptions import UnknownSettingWarning, UnusableProxyWarning
from gpo_client.version import VERSION

_EPILOGUE = (
    "Exit codes: 0 done, 1 error, 2 usage, 3 not allowed (API key, permissions), 4 no connection, 130 cancelled, "
    "141 whoever read the output went away."
)
Shell = Literal["bash", "zsh", "fish"]

# At the end, where the user's own set-up of completion, if there is any, has been done. Without "-i" zsh asks about
# folders that others may write to, whenever it starts.
_IN_ZSHRC = """
# gpo completion
fpath=({folder} $fpath)
(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit -i }}
autoload -Uz {name} && compdef {name} gpo
"""


def build_app(screen: Screen) -> App:
    """Return the commands, whose help is printed on ``screen``."""
    app = App(
        name="gpo",
        help="Ask the GPO knowledge assistant.",
        help_epilogue=_EPILOGUE,
        help_format="markdown",
        version=f"gpo-client {VERSION}",
        console=screen.console,
        error_console=screen.errors,
        suppress_keyboard_interrupt=False,
    )
    documents = App(name="documents", help="List, search, download and open documents.")
    documents.command(list_documents, name="list")
    documents.command(search_documents, name="search")
    documents.command(download_documents, name="download")
    documents.command(open_document, name="open")
    config = App(name="config", help="Show and change your settings.")
    config.command(show_config, name="show")
    config.command(set_config, name="set")
    config.command(unset_config, name="unset")
    config.command(config_path, name="path")

    talk: tuple[Any, ...] = (chat, batch, history, messages, documents, feedback, rate, *report_apps(), api)
    for part in (*talk, login, logout, config, doctor):
        app.command(part)
    serve = App(name="serve", help="Serve the assistant to programs that speak other protocols.")
    serve.command(serve_openai, name="openai")
    app.command(serve)
    app.command(mcp)
    # Its arguments are the sandbox's own, --help included.
    app.command(sandbox, help_flags=[], version_flags=[])

    @app.command
    def completion(  # pyright: ignore[reportUnusedFunction]
        shell: Shell | None = None, /, *, install: Switch = False
    ) -> str:
        """Set up completion in your shell.

        Print the script that completes commands, options, paths and fields; or install it.

        Args:
            shell: The shell. Default: the one that you are using.
            install: Put it where your shell finds it, and have your shell load it when it starts.
        """
        if install:
            return f"Installed {install_completion(app, shell)}. Start a new shell to use it.\n"
        return script_of(app, shell)

    return app


def run(argv: Sequence[str]) -> int:
    """Run a command on the standard streams; return the exit code."""
    screen, debug = standard_screen(), "--debug" in argv
    try:
        with raised(), _warned(screen), logged(screen) if debug else nullcontext():
            result = _call(argv, screen)
            if not isinstance(result, int):
                screen.show(result)
            screen.flush()
    except BrokenPipeError:
        abandon(sys.stdout)
        return ExitCode.BROKEN_PIPE
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the end of the line: each becomes an exit code
        screen.fail(error, debug=debug)
        settle(sys.stdout)
        return exit_code(error)
    finally:
        settle(sys.stderr)
    return result if isinstance(result, int) else ExitCode.OK


@contextmanager
def _warned(screen: Screen) -> Generator[None]:
    """Tell what is odd about settings in a line, not as programs are warned: by a line of their code."""
    show, kinds = warnings.showwarning, (UnknownSettingWarning, UnusableProxyWarning)

    def tell(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        screen.warn(str(message)) if issubclass(category, kinds) else show(message, category, *where, **more)

    with warnings.catch_warnings():
        for kind in kinds:
            warnings.simplefilter("default", kind)
        warnings.showwarning = tell
        yield


def _call(argv: Sequence[str], screen: Screen) -> object:
    app = build_app(screen)
    command, bound, left = app.parse_args(_hoisted(app, argv), exit_on_error=False, print_error=False)
    if "screen" in left:
        bound.arguments["screen"] = screen
    return command(*bound.args, **bound.kwargs)


def _hoisted(app: App, argv: Sequence[str]) -> Sequence[str]:
    """Return the arguments, options before the command moved behind it: ``gpo --profile work chat``."""
    takes_value = {f"--{field.name.replace('_', '-')}": field.default is not False for field in attrs.fields(Common)}
    at = 0
    while at < len(argv) and (name := argv[at].partition("=")[0]) in takes_value:
        at += 1 + (takes_value[name] and "=" not in argv[at])
    if not 0 < at < len(argv):
        return argv
    chain, _, rest = app.parse_commands(argv[at:])
    return [*chain, *argv[:at], *rest]


def script_of(app: App, shell: Shell | None) -> str:
    """Return the script that completes the commands in a shell; None: the one in use, or a CommandError if none is."""
    return app.generate_completion(shell=shell or _in_use())  # nosec B604 - the name of a shell; none is started


def install_completion(app: App, shell: Shell | None) -> Path:
    """Put the script where the shell finds it, and have a shell that starts load it; where it is. Raises CommandError:
    no shell is known to be in use; OSError: a file cannot be written.
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
