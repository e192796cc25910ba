"""The contract, as the tests that look things up in it have it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

# Written in C it reads the contract five times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTRACT = Path(__file__).parents[2] / "openapi.yaml"


def openapi(path: Path = _CONTRACT) -> dict[str, Any]:
    """Read the contract, or a changed copy of it."""
    document: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=_LOADER)
    return document


def resolved(spec: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """The node itself, or what its ``$ref`` leads to."""
    while "$ref" in node:
        target: Any = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def run_with_generated(folder: Path, root: Path, program: str, given: Any) -> str:
    """Run a program with the package of a folder and our own, ``given`` as its input; what it prints is returned."""
    path = os.pathsep.join(map(str, (folder, root / "custom")))
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(given),
        env={**os.environ, "PYTHONPATH": path},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
