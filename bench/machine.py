"""The machine: what it is, and what a process has taken of it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
from pathlib import Path

_PACKAGES = (
    "gpo-client", "httptools", "httpx", "httpcore", "h11", "anyio", "uvloop", "msgspec", "attrs",
    "httpx-sse", "openai", "anthropic", "pydantic", "opentelemetry-sdk",
)  # fmt: skip
#: The checkout: what is started as ``python -m bench…`` is started there.
ROOT = Path(__file__).resolve().parent.parent

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def facts() -> dict[str, object]:
    """What the numbers depend on. No name of the machine, no path."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "versions": {name: version for name in _PACKAGES if (version := _version(name))},
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def allow_many_sockets() -> None:
    """Lift this process's limit on open files as far as it may."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def waits() -> int:
    """How often this process has given up its CPU to wait for something."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


def measures_memory() -> bool:
    """Whether the memory of a process can be measured here: it can on Linux."""
    return _STATUS.exists() and _CLEAR.exists()


def resident() -> int:
    """Bytes of memory that this process has now; from here on :func:`peak` counts anew."""
    _CLEAR.write_text("5")
    return _status("VmRSS")


def peak() -> int:
    """The most bytes of memory that this process had since :func:`resident`."""
    return _status("VmHWM")


def _status(name: str) -> int:
    lines = dict(line.split(":", 1) for line in _STATUS.read_text("ascii", "replace").splitlines())
    return int(lines[name].split()[0]) * 1024
