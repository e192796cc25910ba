"""What docs/observability.md shows below its programs is what they print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_PAGE = Path(__file__).parents[2] / "docs" / "observability.md"
_SHOWN = re.findall(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", _PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def _comparable(text: str) -> str:
    """Without what is different each time: times, ids and how an answer is cut into chunks."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+\.\d{3}|\d+ chunks", "…", text)


def test_there_is_output() -> None:
    """The pattern finds what it is meant to find."""
    assert len(_SHOWN) == 5


@pytest.mark.parametrize(("program", "output"), _SHOWN)
def test_output(program: str, output: str, sandbox: Any) -> None:
    """Word by word."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "GPO_API_BASE_URL": sandbox.base_url},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert _comparable(done.stdout) == _comparable(output)
