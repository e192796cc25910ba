"""``python -m gpo_client``: the version and the environment, for a report of a bug. Nothing in it is secret."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version

from gpo_client.version import VERSION

_DISTRIBUTION = "gpo-client"
_PREFIX = "GPO_API_"
_NAME = re.compile(r"[^\w.-]")
_OF_DEVELOPERS = ("extra == 'dev'", "extra == 'bench'", "extra == 'docs'")


def report() -> str:
    """Return the lines of the report.

    >>> report().splitlines()[0].partition(" ")[0]
    'gpo-client'
    """
    return "\n".join(f"{name:<16} {value}" for name, value in _facts())


def _facts() -> Iterator[tuple[str, str]]:
    yield _DISTRIBUTION, VERSION
    yield "Python", f"{platform.python_version()} ({platform.python_implementation()})"
    yield "system", f"{platform.system()} {platform.release()} ({platform.machine()})"
    for name in sorted(_related()):
        yield name, _version(name)
    # Their names alone: what they say is for nobody else to know.
    yield "settings", ", ".join(sorted(name for name in os.environ if name.startswith(_PREFIX))) or "none"


def _related() -> set[str]:
    """Return what the client and its extras need, and what does the reading underneath."""
    try:
        required = distribution(_DISTRIBUTION).requires or ()
    except PackageNotFoundError:  # run from a copy of the sources
        required = ()
    names = {_NAME.split(line)[0] for line in required if not line.endswith(_OF_DEVELOPERS)}
    return {*names, "httpcore", "h11", "anyio"} - {_DISTRIBUTION}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    sys.stdout.write(f"{report()}\n")
