"""The soak in ``bench`` loses nothing; the whole of it takes minutes, this is a sample."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).parents[2] / "bench" / "soak.py"


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 3])
def test_no_stream_loses_anything(processes: int) -> None:
    """Two hundred streams through both clients, most of them broken on the way; in forked processes too."""
    command = [sys.executable, "-W", "error", str(SOAK), "--streams", "200", "--processes", str(processes)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    told = re.fullmatch(r"200 streams, (\d+) resumes, 0 lost, 0 duplicated, 0 sockets leaked, .*\n", done.stdout)
    assert told is not None
    assert int(told[1]) > 100
