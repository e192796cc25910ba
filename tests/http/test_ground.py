"""Public ground: nothing private of another package is touched, and none of its concrete classes is subclassed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CUSTOM = Path(__file__).resolve().parents[2] / "custom"
_OURS = frozenset({"gpo_client", "gpo_sandbox", "gpo_core_client"})
_DOCUMENTED = frozenset({"__future__", "_thread"})  # modules of Python's library, whatever their names
_OF_HTTP = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "h11", "httptools", "anyio", "aiohappyeyeballs"})
# What httpx documents as the base of transports and bodies of one's own.
_ABSTRACT = frozenset({"BaseTransport", "AsyncBaseTransport", "SyncByteStream", "AsyncByteStream"})
# What holds an object of another package, by the names that the rooms around HTTP give them.
_OF_OTHERS = re.compile(
    r"^(client|http|response|request|(self\._)?(transport|library|parser|loop|stream))\b|\._transport\b"
)
_ROOMS = ("http", "drivers", "client", "testing")
# What is derived is what it is derived from.
_FILES = sorted(path for path in CUSTOM.rglob("*.py") if "sync" not in path.parts)


def _foreign_names(tree: ast.AST, packages: frozenset[str]) -> set[str]:
    """The names by which a module knows other packages and what it has of them.

    Args:
        tree: The module.
        packages: Those that are meant; none: all that are not ours.
    """
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = (each for each in node.names if _is_foreign(each.name, packages))
            names |= {(each.asname or each.name).partition(".")[0] for each in found}
        elif isinstance(node, ast.ImportFrom) and _is_foreign(node.module or "", packages):
            names |= {each.asname or each.name for each in node.names}
    return names


def _is_foreign(module: str, packages: frozenset[str] = frozenset()) -> bool:
    top = module.partition(".")[0]
    return top in packages if packages else top not in _OURS


def _root(node: ast.AST) -> str | None:
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def faults(source: str, *, is_of_http: bool = True) -> Iterator[str]:
    """What a module does that it must not.

    Args:
        source: The module.
        is_of_http: Whether it is in one of the rooms around HTTP.
    """
    tree = ast.parse(source)
    of_http, foreign = _foreign_names(tree, _OF_HTTP), _foreign_names(tree, frozenset())
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                if _root(base) in of_http and ast.unparse(base).rpartition(".")[2] not in _ABSTRACT:
                    yield f"{node.name} is a subclass of {ast.unparse(base)}"
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            owner = ast.unparse(node.value)
            if _root(node.value) in foreign or (is_of_http and _OF_OTHERS.search(owner)):
                yield f"{owner}.{node.attr}"
        elif (
            isinstance(node, ast.ImportFrom)
            and (node.module or "") not in _DOCUMENTED
            and _is_foreign(node.module or "")
        ):
            parts = [*(node.module or "").split("."), *(each.name for each in node.names)]
            yield from (f"from {node.module} import {part}" for part in parts if part.startswith("_"))
        elif isinstance(node, ast.Import):
            named = (each.name for each in node.names if each.name not in _DOCUMENTED)
            yield from (f"import {name}" for name in named if any(part[0] == "_" for part in name.split(".")))


def test_public_ground() -> None:
    """No module of ours, in whichever room."""
    assert len(_FILES) > 200
    found = {path.relative_to(CUSTOM).as_posix(): path.read_text("utf-8") for path in _FILES}
    assert [
        f"{name}: {fault}"
        for name, source in found.items()
        for fault in faults(source, is_of_http=name.split("/")[1] in _ROOMS)
    ] == []


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
        "import httpcore._sync",
        "import redis\nredis.Redis()._connection",
        "from starlette import _utils",
    ],
)
def test_what_is_found(source: str) -> None:
    """The check can fail."""
    assert list(faults(source))


def test_no_requirement() -> None:
    """httpcore and h11 are httpx's business."""
    text = (CUSTOM.parent / "pyproject.toml").read_text("utf-8")
    needed = text.partition("\ndependencies = [")[2].partition("]")[0]
    assert "httptools" in needed
    assert "httpcore" not in needed
    assert "h11" not in needed
