"""docs/sandbox.md says what is so."""

import re
from pathlib import Path
from typing import Any

import attrs

from gpo_sandbox import SandboxSettings
from gpo_sandbox.faults import FAULT_NAMES
from gpo_sandbox.settings import ENVIRONMENT_PREFIX, flag_name

_TEXT = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def _table(heading: str) -> list[str]:
    """Return the rows of the first table under a heading."""
    section = _TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| `")]


def _row(field: "attrs.Attribute[Any]") -> str:
    default = "none" if field.default is None else f"`{str(field.default).replace('False', 'false')}`"
    names = (field.name, flag_name(field.name), ENVIRONMENT_PREFIX + field.name.upper())
    return f"| {' | '.join(f'`{name}`' for name in names)} | {default} | {field.metadata['help']} |"


def test_the_settings() -> None:
    """The table is what the settings themselves give; when it is not, this shows what it should be."""
    expected = [_row(field) for field in attrs.fields(SandboxSettings)]
    assert _table("Settings") == expected, "\n".join(["the table should be:", *expected])


def test_the_faults() -> None:
    """The table has every fault, and no other."""
    names = [row.split("`")[1].partition("=")[0] for row in _table("Faults")]
    assert sorted(names) == sorted(FAULT_NAMES)


def test_flags_in_the_text() -> None:
    """Every flag that is mentioned exists."""
    flags = {flag_name(field.name) for field in attrs.fields(SandboxSettings)}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", _TEXT)) <= flags
