"""Running a sandbox from a command line, until it is interrupted."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs

from gpo_sandbox.hosts import address_of, listen
from gpo_sandbox.server import ServerBuilder
from gpo_sandbox.settings import ENVIRONMENT_PREFIX, SandboxSettings, SettingsError, flag_name


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
            return self.serve(SandboxSettings.from_sources(os.environ, flags | {"api_key": _key(flags)}))
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
            allow_abbrev=False,
            description=self.description,
            epilog=f"Every setting can also be given in the environment, such as {ENVIRONMENT_PREFIX}PORT.",
        )
        for field in attrs.fields(SandboxSettings):
            default = "" if field.default is None else f" (default: {field.default})"
            # Left as text here: the settings themselves know what is allowed and say so in one way for all sources.
            alone: dict[str, Any] = {"nargs": "?", "const": "true"} if isinstance(field.default, bool) else {}
            what = field.metadata["help"] + default
            if field.name == "api_key":
                parser.add_argument("--api-key-file", help=f"file with the {what}", metavar="FILE")
            else:
                parser.add_argument(flag_name(field.name), help=what, metavar="VALUE", **alone)
        # So that it is not taken for a short form of the other, nor its value for the name of a file to be shown.
        parser.add_argument("--api-key", nargs="?", const="", help=argparse.SUPPRESS)
        return parser


def _key(flags: dict[str, str | None]) -> str | None:
    """Return the API key in the file that was named, if one was."""
    if flags.pop("api_key") is not None:
        raise SettingsError(
            "--api-key is no argument, because everybody on this machine could see the key there: put it into"
            f" {ENVIRONMENT_PREFIX}API_KEY, or into a file and name that with --api-key-file"
        )
    path = flags.pop("api_key_file")
    if path is None:
        return None
    try:
        key = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"setting api_key: cannot read it in --api-key-file {path!r}: {reason}") from None
    if not key:
        raise SettingsError(f"setting api_key: --api-key-file {path!r} is empty")
    return key


def _refuse(reason: str, code: int) -> int:
    print(f"gpo sandbox: {reason}", file=sys.stderr)
    return code
