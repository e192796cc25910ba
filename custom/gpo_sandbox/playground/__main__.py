"""`python -m gpo_sandbox.playground`: serve the page and the sandbox until interrupted."""

import sys
from collections.abc import Sequence

from gpo_sandbox.playground.server import command


def main(argv: Sequence[str] | None = None, *, prog: str = "python -m gpo_sandbox.playground") -> int:
    """Serve.

    Args:
        argv: Command-line arguments; those of the process when not given.
        prog: What the help calls the command.

    Returns:
        The exit code: 0 after an interruption, 1 when the address cannot be used, 2 when a setting cannot.
    """
    return command(prog).run(argv)


if __name__ == "__main__":
    sys.exit(main())
