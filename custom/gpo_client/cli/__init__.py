"""The command line: ``gpo`` and ``python -m gpo_client.cli``.

It stands on the extra ``cli``. This module loads without it, so that whoever lacks it is told so in one line.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from gpo_client.cli.signals import end_at_once

__all__ = ["main"]

#: The libraries of the extra ``cli``, by the names they are imported under.
_EXTRA = {"cyclopts", "rich", "prompt_toolkit", "markdown_it"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: The arguments after the program's name; those of the process when not given.

    Returns:
        The exit code, one of :class:`gpo_client.cli.exit_codes.ExitCode`.
    """
    if argv is None:
        end_at_once()  # while all that it needs is loaded
    try:
        from gpo_client.cli.app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        remedy = 'pip install "gpo-client[cli]"'
        print(f"gpo: the command line needs {error.name}, which is not installed: {remedy}", file=sys.stderr)
        return 1
    return run(sys.argv[1:] if argv is None else argv)
