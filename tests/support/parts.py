"""What a run of the tests may have: real parts that may not be installed, and how hard hypothesis tries."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def examples(number: int) -> int:
    """How many examples hypothesis tries: all of them where all tests shall run, a quarter otherwise.

    Args:
        number: All of them.
    """
    return number if os.environ.get("TEST_ALL") else number // 4


def installed(program: str) -> str:
    """Where a program is. Without it the test is left out, with a note; where all tests shall run, it fails.

    Args:
        program: Its name.
    """
    found = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"]))
    if found is None and os.environ.get("TEST_ALL"):
        pytest.fail(f"{program} is not installed, and no test shall be left out")
    if found is None:
        pytest.skip(f"{program} is not installed: make test-all installs it")
    return found


def optional(program: str, how: str) -> str:
    """Where a program is that no target of make installs. Without it the test is left out, with a note.

    Args:
        program: Its name, or a path below the project's folder.
        how: The command that installs it.
    """
    folders = [os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"]
    found = shutil.which(ROOT / program if "/" in program else program, path=os.pathsep.join(folders))
    if found is None:
        pytest.skip(f"{program} is not installed: {how}")
    return found
