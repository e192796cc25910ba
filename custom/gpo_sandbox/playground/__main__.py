"""`python -m gpo_sandbox.playground`: serve the page and the sandbox until interrupted."""

import sys
from collections.abc import Sequence

from gpo_sandbox.playground.server import command


def main(argv: Sequence[str] | None = None, *, prog: str = "python -m gpo_sandbox.playground") -> int:
    """Serve with the command line's arguments; `prog` is what the help calls the command.

    Return the exit code: 0 after an interruption, 1 when the address cannot be used, 2 when a setting cannot.
    """
    return command(prog).run(argv)


if __name__ == "__main__":
    sys.exit(main())
