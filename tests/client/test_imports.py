"""What ``import gpo_client`` loads: as little as can be."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

#: What only some users need, and nobody before the first call.
_LATER = [
    *("dateutil", "gpo_core_client.api"),
    *("rich", "cyclopts", "starlette", "uvicorn", "fastapi", "redis", "yaml", "opentelemetry"),
    *("gpo_sandbox",),
]


def _loaded_by(program: str) -> set[str]:
    """The modules that a fresh interpreter has after ``program``."""
    report = f"{program}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, timeout=60, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "program",
    [
        "import gpo_client",
        "import gpo_client\ngpo_client.SyncGPOCoreClient(base_url='https://gpo.example.com').close()",
    ],
    ids=["import", "client"],
)
def test_nothing_is_loaded_before_it_is_needed(program: str) -> None:
    """Neither to import the package nor to make a client."""
    before = _loaded_by("import httpx")  # which loads what its own command line program needs, if that is installed
    loaded = _loaded_by(program)
    assert "gpo_client.version" in loaded
    early = {name for name in loaded - before for late in _LATER if name == late or name.startswith(f"{late}.")}
    assert early == set()
