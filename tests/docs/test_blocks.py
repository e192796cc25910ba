"""Every Python block of the README and the documents runs as it stands, against a sandbox."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE), 1
    )
]


def test_there_are_blocks() -> None:
    """The pattern finds what it is meant to find."""
    assert len(BLOCKS) >= 6


@pytest.mark.parametrize("block", BLOCKS)
def test_block(block: str, sandbox: Any, tmp_path: Path) -> None:
    """It ends without an error or a warning, and what it prints is an answer where it prints one."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "GPO_API_BASE_URL": sandbox.base_url},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "failed:" not in done.stdout
    assert "no answer:" not in done.stdout
    assert "incomplete:" not in done.stdout
    if "print(answer.content" in block or "print(chunk.content" in block:
        assert "Here is what the documents say" in done.stdout


def test_links_lead_somewhere() -> None:
    """Relative links name files that exist."""
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
