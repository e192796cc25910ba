"""`python -m gpo_client.sandbox`: run a sandbox until it is interrupted."""

import sys
from collections.abc import Sequence

from gpo_sandbox.server import Command, sandbox_server


def main(argv: Sequence[str] | None = None, *, prog: str = "python -m gpo_client.sandbox") -> int:
    """Run a sandbox with the command line's arguments; ``prog`` is what the help calls the command.

    Return the exit code: 0 after an interruption, 1 when the address cannot be used, 2 when a setting cannot.
    """
    description = "Run a sandbox server of the GPO Core API."
    return Command(prog, description, sandbox_server, _greet).run(argv)


def _greet(address: str) -> None:
    print(f"GPO sandbox on {address}", flush=True)
    print(f"Point a client at it: GPO_API_BASE_URL={address}   (Ctrl+C to stop)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
