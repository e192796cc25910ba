"""Every page does what it says: its Python runs, its commands run, and what is shown is what they print.

``python -m tests.docs.test_pages PAGE...`` writes the true output into pages.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from gpo_sandbox import running_sandbox
from tests.docs.blocks import PAGES, blocks_of, page_name
from tests.docs.workshop import Shown, Workshop, comparable

# What blocks print when they fail without an error: the programs shown catch some.
_COMPLAINTS = ("failed:", "no answer:", "incomplete:", "cut off:")


def _performed(page: Path, folder: Path, base_url: str) -> list[Shown]:
    with Workshop(folder, base_url) as workshop:
        return [shown for block in blocks_of(page) for shown in workshop.perform(block)]


@pytest.mark.skipif(sys.platform == "win32", reason="there is neither bash nor a pseudo-terminal")
@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=() if page.name == "README.md" else pytest.mark.slow) for page in PAGES],
    ids=page_name,
)
def test_page(page: Path, sandbox: Any, tmp_path: Path) -> None:
    """From its first block to its last, in one folder."""
    for shown in _performed(page, tmp_path, sandbox.base_url):
        if shown.output:
            assert comparable(shown.printed) == comparable(shown.output), f"{shown.block.place}: {shown.what}"
        else:
            assert not any(complaint in shown.printed for complaint in _COMPLAINTS), shown.what


def _rewrite(page: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, running_sandbox(chunk_delay_s=0) as sandbox:
        performed = _performed(page, Path(folder), sandbox.base_url)
    lines = page.read_text("utf-8").splitlines(keepends=True)
    done = set[tuple[int, int]]()
    for shown in reversed(performed):
        place = (shown.block.line, shown.start)
        if place not in done and shown.output and comparable(shown.printed) != comparable(shown.output):
            done.add(place)
            first = shown.block.line + shown.block.text[: shown.start].count("\n")
            last = first + shown.output.count("\n")
            printed = shown.printed.replace(sandbox.base_url, "http://127.0.0.1:8760")
            lines[first:last] = [printed.replace(f"port {sandbox.settings.port}", "port 8760")]
    page.write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        _rewrite(Path(name).resolve())
