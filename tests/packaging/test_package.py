"""``make package``: what is built twice is compared."""

from __future__ import annotations

from pathlib import Path

from tools.package import differences


def test_builds_that_are_not_the_same(tmp_path: Path) -> None:
    """A byte that differs is found, and a file that only one of the builds has."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, text in ((first, "a"), (second, "b")):
        folder.mkdir()
        (folder / "same.whl").write_text("same")
        (folder / "other.tar.gz").write_text(text)
    (second / "more.whl").touch()
    assert differences(first, second) == ["more.whl", "other.tar.gz"]
    assert differences(first, first) == []
