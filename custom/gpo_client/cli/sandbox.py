"""``gpo sandbox``: a server of one's own."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from gpo_client.cli.exit_codes import CommandError


def sandbox(*arguments: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> int:
    """Run a test server on this machine.

    It has a page to ask questions on, and runs until Ctrl-C. gpo sandbox --help shows its settings.

    Args:
        arguments: The settings, such as --port 8760 --db gpo.db.
    """
    try:
        from gpo_sandbox.playground.__main__ import main
    except ImportError as error:  # its message names the extra
        raise CommandError(str(error)) from error
    return main(arguments, prog="gpo sandbox")
