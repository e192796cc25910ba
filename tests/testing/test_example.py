"""The example of docs/testing.md, run as a user's test file."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "testing" / "test_assistant.py"


def _pytest(file: Path, *options: str) -> str:
    without = [option for plugin in ("cacheprovider", "asyncio", "randomly") for option in ("-p", f"no:{plugin}")]
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", *without, *options, file.name]
    done = subprocess.run(command, cwd=file.parent, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_it_records_and_then_replays(tmp_path: Path) -> None:
    """In a folder of its own: with a sandbox the first time, and the recording alone without one afterwards."""
    file = Path(shutil.copy(EXAMPLE, tmp_path))
    assert "8 passed" in _pytest(file)
    cassette = tmp_path / "cassettes" / "resico.yaml"
    recorded = cassette.read_text("utf-8")
    assert "Bearer scrubbed" in recorded
    assert "1 passed" in _pytest(file, "-k", "test_recording")
    assert cassette.read_text("utf-8") == recorded


@pytest.mark.slow
def test_it_can_fail(tmp_path: Path) -> None:
    """A recording of something else is noticed."""
    file = Path(shutil.copy(EXAMPLE, tmp_path))
    _pytest(file, "-k", "test_recording")
    cassette = tmp_path / "cassettes" / "resico.yaml"
    cassette.write_text(cassette.read_text("utf-8").replace("What is RESICO?", "What is IVA?"), "utf-8")
    with pytest.raises(AssertionError, match="CannotOverwriteExistingCassetteException"):
        _pytest(file, "-k", "test_recording")


def test_the_document_shows_it_whole() -> None:
    """To the letter."""
    page = (ROOT / "docs" / "testing.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert EXAMPLE.read_text("utf-8") in blocks
