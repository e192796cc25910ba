"""Doors are thin: what they share stands beside them, once."""

from __future__ import annotations

from pathlib import Path

import pytest

import gpo_client.doors

FOLDER = Path(gpo_client.doors.__file__).parent
#: Each with all that it needs of its own.
DOORS = {
    "chat completions": ["openai.py", "completions.py"],
    "responses": ["openai.py", "responses.py"],
    "mcp": ["mcp.py", "mcp_shapes.py"],
    "langchain": ["langchain.py"],
}
SHARED = {"callers", "chats", "documents", "endpoint", "turns", "__init__"}
MOST_LINES = 450


@pytest.mark.parametrize("door", DOORS)
def test_a_door_is_thin(door: str) -> None:
    files = [(FOLDER / name).read_text(encoding="utf-8") for name in DOORS[door]]
    assert 0 < sum(len(text.splitlines()) for text in files) <= MOST_LINES


def test_every_file_is_a_doors_or_shared() -> None:
    ours = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.py")}
    assert ours - {f"{name}.py" for name in SHARED} == {name for files in DOORS.values() for name in files}
