"""Running a sandbox from a command line, until it is interrupted."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from gpo_client.sandbox.addresses import address_of, listen
from gpo_client.sandbox.server import ServerBuilder
from gpo_client.sandbox.settings import ENVIRONMENT_PREFIX, SandboxSettings, SettingsError, flag_name


@attrs.frozen
class Command:
    """A command that serves a sandbox, alone or together with something else.

    Args:
        prog: How it is called.
        description: What it does, in a sentence.
        build: Makes the server.
        greet: Says where it is, once requests are served.
    """

    prog: str
    description: str
    build: ServerBuilder
    greet: Callable[[str], None]

    def run(self, argv: Sequence[str] | None = None) -> int:
        """Serve until interrupted.

        Args:
            argv: Command-line arguments; those of the process when not given.

        Returns:
            The exit code: 0 after an interruption, 1 when the address cannot be used, 2 when a setting cannot.
        """
        flags = vars(self._parser().parse_args(argv))
        try:
            return self.serve(SandboxSettings.from_sources(os.environ, flags))
        except SettingsError as error:
            return _refuse(str(error), 2)
        except KeyboardInterrupt:
            return 0

    def serve(self, settings: SandboxSettings) -> int:
        """Serve until interrupted.

        Args:
            settings: Settings of the sandbox.

        Returns:
            The exit code: 0 after an interruption, 1 when the address cannot be used.

        Raises:
            SettingsError: The database or the documents cannot be used.
        """
        try:
            listener = listen(settings.host, settings.port)
        except OSError as error:
            return _refuse(f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}", 1)
        with listener:
            address = address_of(listener)
            self.build(settings, address, lambda: self.greet(address)).run(sockets=[listener])
        return 0

    def _parser(self) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(
            prog=self.prog,
            description=self.description,
            epilog=f"Every setting can also be given in the environment, such as {ENVIRONMENT_PREFIX}PORT.",
        )
        for field in attrs.fields(SandboxSettings):
            default = "" if field.default is None else f" (default: {field.default})"
            # Left as text here: the settings themselves know what is allowed and say so in one way for all sources.
            alone: dict[str, Any] = {"nargs": "?", "const": "true"} if isinstance(field.default, bool) else {}
            parser.add_argument(flag_name(field.name), help=field.metadata["help"] + default, metavar="VALUE", **alone)
        return parser


def _refuse(reason: str, code: int) -> int:
    print(f"gpo sandbox: {reason}", file=sys.stderr)
    return code
