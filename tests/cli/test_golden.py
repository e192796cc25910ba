"""What gpo shows in terminals of 60, 80 and 120 columns, held against files. ``GPO_WRITE_GOLDEN=1`` writes them."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.terminal import in_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

# Read now: tests see no variables of this prefix.
WRITE = bool(os.environ.get("GPO_WRITE_GOLDEN"))
GOLDEN = Path(__file__).parent / "golden"
COMMANDS = {
    "chat": ("chat", "Which records must a company keep for transfer pricing?"),
    "documents": ("documents", "list", "--limit", "3"),
    "document-search": ("documents", "search", "RESICO"),
    "metrics": ("metrics", "total-questions", "--window", "last year"),
}


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_shown(sandbox: Any, name: str, columns: int) -> None:
    """Nothing is wider than the terminal, and nothing has moved."""
    with in_terminal(*COMMANDS[name], base_url=sandbox.base_url, columns=columns, lines=200, TZ="UTC") as terminal:
        assert terminal.wait() == 0
    ids = re.sub(r"(conv|msg)_[0-9a-f]{24}", r"\1_0123456789abcdef01234567", terminal.text)
    shown = re.sub(r"\d+\.\d\d s", "0.00 s", ids) + "\n"
    assert all(len(line) <= columns for line in shown.splitlines())
    golden = GOLDEN / f"{name}-{columns}.txt"
    if WRITE:
        golden.write_text(shown, "utf-8")
    assert shown == golden.read_text("utf-8")
