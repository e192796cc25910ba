"""The tool that derives the blocking shells: it passes as things are, and fails when they are not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import unasync

_SYNC = Path("custom/gpo_client/client/sync")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the tool and the formatter look at."""
    for folder in ("custom", "gpo_core_client"):
        shutil.copytree(unasync.ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(unasync.ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_in_step() -> None:
    """The derived files are what the tool makes of their sources."""
    done = subprocess.run(
        [sys.executable, "tools/unasync.py", "--check"], cwd=unasync.ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
def test_changed_missing_and_left_over(tree: Path) -> None:
    """Each way of being out of step is found and named, and writing mends it."""
    changed, missing, left_over = (tree / _SYNC / name for name in ("chat.py", "users.py", "old.py"))
    changed.write_text(changed.read_text() + "\nEXTRA = 1\n")
    missing.unlink()
    left_over.write_text("")
    assert sorted(unasync.differences(tree)) == [
        f"left over: {_SYNC / 'old.py'}",
        f"missing: {_SYNC / 'users.py'}",
        f"out of step: {_SYNC / 'chat.py'}",
    ]
    unasync.write(tree)
    assert unasync.differences(tree) == []
    assert not left_over.exists()


@pytest.mark.slow
def test_changed_source(tree: Path) -> None:
    """A source that was edited, or added, without running the tool."""
    source = tree / "custom/gpo_client/streams/aio/chunk_stream.py"
    text = source.read_text()
    source.write_text(text.replace('"""Return the next chunk', '"""Return the chunk after this one'))
    assert source.read_text() != text
    (source.parent / "more.py").write_text('"""More."""\n')
    assert sorted(unasync.differences(tree)) == [
        "missing: custom/gpo_client/streams/sync/more.py",
        "out of step: custom/gpo_client/streams/sync/chunk_stream.py",
    ]


@pytest.fixture
def useless_rule(monkeypatch: pytest.MonkeyPatch) -> str:
    """A rule that matches nowhere."""
    rule = r"\bnowhere_to_be_found\b"
    monkeypatch.setattr(unasync, "RULES", (*unasync.RULES, (rule, "")))
    return rule


@pytest.mark.slow
def test_rule_without_a_use(tree: Path, useless_rule: str) -> None:
    """A rule that matches nowhere is an error."""
    with pytest.raises(SystemExit, match="match nowhere"):
        unasync.differences(tree)


def test_derived_files_hold_no_asynchronous_word() -> None:
    """What is left of the other client would be a mistake of the rules; ``AsyncOnly`` and its like are their twins'."""
    for folder in unasync.FOLDERS:
        for path in (unasync.ROOT / folder / "sync").glob("*.py"):
            for line in path.read_text().splitlines():
                words = line.partition("#")[0]
                assert not any(word in words for word in ("await ", "async def", "__anext__", ".aio.")), (
                    f"{path}: {line}"
                )
