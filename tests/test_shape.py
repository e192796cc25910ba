"""The shape of the tests: what they share stands in conftest.py or in modules that hold no tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent


def _imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_no_test_module_imports_another() -> None:
    """What two of them need is a fixture, or a builder in tests/support or beside them."""
    imported = [(path.name, name) for path in TESTS.rglob("*.py") for name in _imported(path.read_text("utf-8"))]
    assert len(imported) > 1000
    modules = {path.stem for path in TESTS.rglob("test_*.py")}
    assert [
        (file, name) for file, name in imported if name.startswith("tests.") and not modules.isdisjoint(name.split("."))
    ] == []
