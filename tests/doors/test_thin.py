"""Doors are thin: each is a folder or a module of its own, and what they share stands beside them, once."""

from __future__ import annotations

from pathlib import Path

import pytest

import gpo_client.doors

FOLDER = Path(gpo_client.doors.__file__).parent
#: By folder or module, how many doors stand in it. OpenAI's are two: the one for completions and the one for responses.
DOORS = {"openai": 2, "mcp": 1, "langchain": 1}
#: Who may call, and which conversation and session a question belongs to.
SHARED = {"__init__", "callers", "chats"}
MOST_LINES = 450


@pytest.mark.parametrize("door", DOORS)
def test_a_door_is_thin(door: str) -> None:
    """With all that only it needs."""
    files = [FOLDER / f"{door}.py", *(FOLDER / door).rglob("*.py")]
    lines = [len(path.read_text(encoding="utf-8").splitlines()) for path in files if path.exists()]
    assert 0 < sum(lines) <= DOORS[door] * MOST_LINES


def test_every_file_is_a_doors_or_shared() -> None:
    ours = {path.stem for path in FOLDER.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert ours == SHARED | DOORS.keys()
