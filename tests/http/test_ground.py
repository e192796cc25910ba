"""Public ground: nothing private of another package is touched, and none of its concrete classes is subclassed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "custom" / "gpo_client"
_FOREIGN = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "h11", "httptools", "anyio", "aiohappyeyeballs"})
# What httpx documents as the base of transports and bodies of one's own.
_ABSTRACT = frozenset({"BaseTransport", "AsyncBaseTransport", "SyncByteStream", "AsyncByteStream"})
# What holds an object of another package, by the names that these rooms give them.
_OF_OTHERS = re.compile(
    r"^(client|http|response|request|(self\._)?(transport|library|parser|loop|stream))\b|\._transport\b"
)
_FILES = sorted(path for room in ("http", "drivers", "client", "testing") for path in (ROOT / room).rglob("*.py"))


def _foreign_names(tree: ast.AST) -> set[str]:
    """The names by which a module knows other packages and what it has of them."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {(each.asname or each.name).partition(".")[0] for each in node.names if _is_foreign(each.name)}
        elif isinstance(node, ast.ImportFrom) and _is_foreign(node.module or ""):
            names |= {each.asname or each.name for each in node.names}
    return names


def _is_foreign(module: str) -> bool:
    return module.partition(".")[0] in _FOREIGN


def _root(node: ast.AST) -> str | None:
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def faults(source: str) -> Iterator[str]:
    """What a module does that it must not."""
    tree = ast.parse(source)
    foreign = _foreign_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                if _root(base) in foreign and ast.unparse(base).rpartition(".")[2] not in _ABSTRACT:
                    yield f"{node.name} is a subclass of {ast.unparse(base)}"
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            owner = ast.unparse(node.value)
            if _root(node.value) in foreign or _OF_OTHERS.search(owner):
                yield f"{owner}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and _is_foreign(node.module or ""):
            parts = [*(node.module or "").split("."), *(each.name for each in node.names)]
            yield from (f"from {node.module} import {part}" for part in parts if part.startswith("_"))


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_public_ground(path: Path) -> None:
    """Each module of the rooms that speak with others."""
    assert list(faults(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import httpx\nclass A(httpx.Client): pass",
        "from httpcore import HTTP11Connection as H\nclass A(H): pass",
        "import httpx\nhttpx.Client()._transport",
        "def f(client): return client._transport._pool",
        "def f(self): return self._client._transport._pool",
        "from httpx import _client",
        "from httpcore._sync.http11 import HTTP11Connection",
    ],
)
def test_what_is_found(source: str) -> None:
    """The check can fail."""
    assert list(faults(source))


def test_no_requirement() -> None:
    """httpcore and h11 are httpx's business."""
    text = (ROOT.parents[1] / "pyproject.toml").read_text("utf-8")
    needed = text.partition("\ndependencies = [")[2].partition("]")[0]
    assert "httptools" in needed
    assert "httpcore" not in needed
    assert "h11" not in needed
