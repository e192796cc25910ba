"""Programs that use a package generated in the course of a test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


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
