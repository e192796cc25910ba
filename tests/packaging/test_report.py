"""``python -m gpo_client`` says what a report of a bug needs, and nothing that is secret."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx

from gpo_client.version import VERSION


def report(**environment: str) -> dict[str, str]:
    """The lines of the report, by their names."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GPO_")}
    command = [sys.executable, "-W", "error", "-m", "gpo_client"]
    done = subprocess.run(command, env={**kept, **environment}, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    return {name: value.strip() for name, _, value in (line.partition(" ") for line in done.stdout.splitlines())}


def test_versions() -> None:
    """Of the client, of Python, and of what they stand on, whether it is installed or not."""
    told = report()
    assert told["gpo-client"] == VERSION
    assert told["Python"].startswith(".".join(map(str, sys.version_info[:3])))
    assert told["httpx"] == httpx.__version__
    assert {"attrs", "msgspec", "python-dateutil", "httpcore", "h11", "anyio", "starlette", "redis"} <= told.keys()
    assert not {"mypy", "openai", "gpo-client[sandbox]"} & told.keys()


def test_settings_by_name() -> None:
    """Which ones there are helps; what they say stays where it is."""
    told = report(GPO_API_API_KEY="s3cr3t-key", GPO_API_BASE_URL="https://example.com")
    assert told["settings"] == "GPO_API_API_KEY, GPO_API_BASE_URL"
    assert "s3cr3t" not in str(told)
    assert report()["settings"] == "none"
