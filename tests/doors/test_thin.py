"""Doors are thin: what they share stands beside them, once."""

from __future__ import annotations

from pathlib import Path

import pytest

import gpo_client.doors

FOLDER = Path(gpo_client.doors.__file__).parent
DOORS = ["langchain.py", *(path.name for path in FOLDER.iterdir() if (path / "__init__.py").exists())]
MOST_LINES = 450


@pytest.mark.parametrize("door", DOORS)
def test_a_door_is_thin(door: str) -> None:
    files = [FOLDER / door] if door.endswith(".py") else list((FOLDER / door).rglob("*.py"))
    assert 0 < sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files) <= MOST_LINES
