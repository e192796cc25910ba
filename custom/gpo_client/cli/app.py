"""Putting the commands together, and running one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import attrs
from cyclopts import App

from gpo_client.cli.api import api
from gpo_client.cli.batch import batch
from gpo_client.cli.chat import chat
from gpo_client.cli.completion import Shell, script_of
from gpo_client.cli.completion import install as install_completion
from gpo_client.cli.config import config_path, set_config, show_config, unset_config
from gpo_client.cli.connection import logged
from gpo_client.cli.console import Screen, abandon, settle, standard_screen
from gpo_client.cli.doctor import doctor
from gpo_client.cli.documents import download_documents, list_documents, open_document, search_documents
from gpo_client.cli.doors import mcp, sandbox, serve_openai
from gpo_client.cli.exit_codes import ExitCode, exit_code
from gpo_client.cli.history import feedback, history, messages, rate
from gpo_client.cli.login import login, logout
from gpo_client.cli.options import Common, Switch
from gpo_client.cli.reports import report_apps
from gpo_client.cli.signals import raised
from gpo_client.version import VERSION

_EPILOGUE = (
    "Exit codes: 0 done, 1 error, 2 usage, 3 not allowed (API key, permissions), 4 no connection, 130 cancelled, "
    "141 whoever read the output went away."
)


def build_app(screen: Screen) -> App:
    """Return the commands.

    Args:
        screen: Where help is printed.
    """
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
    """Run a command on the standard streams.

    Args:
        argv: The arguments after the program's name.

    Returns:
        The exit code.
    """
    screen, debug = standard_screen(), "--debug" in argv
    try:
        with raised(), logged(screen) if debug else nullcontext():
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
    return result if isinstance(result, int) else ExitCode.OK


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
