"""Ten thousand questions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.batch.conftest import CountingSandbox

pytestmark = pytest.mark.alone

_MANY, _MOST_KIB = 10_000, 60 * 1024


# Runs gpo and tells the most memory that this has had: what the system tells of children counts their parent's as well.
_GPO = """
import re, sys
from pathlib import Path
from gpo_client.cli import main
code = main(sys.argv[1:])
sys.stderr.write(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
sys.exit(code)
"""


def test_memory_does_not_grow(counting: CountingSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole command, its interpreter included, stays within 60 MiB, and asks each question once."""
    (tmp_path / "q.txt").write_text("".join(f"What is RESICO? {number}\n" for number in range(_MANY)))
    environment = {**os.environ, "GPO_API_BASE_URL": counting.base_url, "GPO_SESSION_USER_ID": "user-1"}
    command = [sys.executable, "-c", _GPO, "batch", "q.txt", "-o", "a.jsonl"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    with capsys.disabled():
        print(f" {int(done.stderr) / 1024:.0f} MiB ", end="")
    assert done.stdout == f"{_MANY} answered, 0 failed: a.jsonl\n"
    assert counting.asked == _MANY
    assert int(done.stderr) <= _MOST_KIB
