"""`python -m gpo_client.sandbox`: run a sandbox until it is interrupted."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

import attrs

from gpo_client.sandbox.addresses import address_of, listen
from gpo_client.sandbox.app import create_app
from gpo_client.sandbox.server import SandboxServer
from gpo_client.sandbox.settings import ENVIRONMENT_PREFIX, SandboxSettings, SettingsError, flag_name


def main(argv: Sequence[str] | None = None, *, prog: str = "python -m gpo_client.sandbox") -> int:
    """Run a sandbox.

    Args:
        argv: Command-line arguments; those of the process when not given.
        prog: What the help calls the command.

    Returns:
        The exit code: 0 after an interruption, 1 when the address cannot be used, 2 when a setting cannot.
    """
    flags = vars(_parser(prog).parse_args(argv))
    try:
        return _serve(SandboxSettings.from_sources(os.environ, flags))
    except SettingsError as error:
        return _refuse(str(error), 2)
    except KeyboardInterrupt:
        return 0


def _serve(settings: SandboxSettings) -> int:
    try:
        listener = listen(settings.host, settings.port)
    except OSError as error:
        return _refuse(f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}", 1)
    with listener:
        address = address_of(listener)
        SandboxServer(create_app(settings), lambda: _greet(address)).run(sockets=[listener])
    return 0


def _greet(address: str) -> None:
    print(f"GPO sandbox on {address}", flush=True)
    print(f"Point a client at it: GPO_API_BASE_URL={address}   (Ctrl+C to stop)", flush=True)


def _refuse(reason: str, code: int) -> int:
    print(f"gpo sandbox: {reason}", file=sys.stderr)
    return code


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Run a sandbox server of the GPO Core API.",
        epilog=f"Every setting can also be given in the environment, such as {ENVIRONMENT_PREFIX}PORT.",
    )
    for field in attrs.fields(SandboxSettings):
        default = "" if field.default is None else f" (default: {field.default})"
        # Left as text here: the settings themselves know what is allowed and say so in one way for all sources.
        alone: dict[str, Any] = {"nargs": "?", "const": "true"} if isinstance(field.default, bool) else {}
        parser.add_argument(flag_name(field.name), help=field.metadata["help"] + default, metavar="VALUE", **alone)
    return parser


if __name__ == "__main__":
    sys.exit(main())
