"""The public API has the types that it is documented with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_USAGE, _MISTAKES = (_ROOT / "tests/typing" / name for name in ("usage.py", "mistakes.py"))


def _mypy(*paths: Path) -> subprocess.CompletedProcess[str]:
    """Run mypy, which knows from ``make check`` what has not changed since."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-pretty", *map(str, paths)]
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_types(tmp_path: Path) -> None:
    """mypy agrees with every line of usage, and objects to every mistake; pyright reads both in ``make check``."""
    done = _mypy(_USAGE, _MISTAKES)
    assert done.returncode == 0, done.stdout
    # A check that cannot fail would be none: a wrong type, and an ignore that nothing needs.
    usage, mistakes = tmp_path / "wrong_usage.py", tmp_path / "wrong_mistakes.py"
    text = _USAGE.read_text()
    usage.write_text(text.replace("assert_type(chunk.content, str | None)", "assert_type(chunk.content, str)"))
    mistakes.write_text(_MISTAKES.read_text().replace('GPOCoreClient(timeout="5")', "GPOCoreClient(timeout=5)"))
    failed = _mypy(usage, mistakes)
    assert failed.returncode == 1
    assert failed.stdout.count("[assert-type]") == text.count("assert_type(chunk.content, str | None)") == 2
    assert failed.stdout.count("[unused-ignore]") == 1
