"""npm packages as clients, installed by ``make npm`` into ``.cache/npm``; without them their tests are left out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.parts import installed

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ROOT / ".cache" / "npm"
SCRIPTS = ROOT / "tests" / "doors" / "npm"
_PATIENCE_S = 60


def npm_packages() -> Path:
    """Where the packages are."""
    if shutil.which("node") is None or not (PACKAGES / "node_modules").is_dir():
        pytest.skip("the npm packages are not installed: make npm")
    return PACKAGES


def start(script: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Run one of the scripts beside the packages, where node finds them."""
    shutil.copy(SCRIPTS / script, npm_packages() / script)
    command = [installed("node"), script, *arguments]
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
