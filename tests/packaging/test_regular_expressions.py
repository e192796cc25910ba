"""Regular expressions that match alike on each Python: CPython before 3.11.5 matches possessive quantifiers wrongly
(gh-106052: one round a group that backtracks matches too much). Atomic groups, ``(?>…)``, are right on all of them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("custom", "examples", "tests", "tools", "bench")

# What is escaped, a set of characters, or else a quantifier with what makes it possessive.
TOKEN = re.compile(r"(?s)\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<possessive>(?:[*+?]|\{\d*,?\d*\})\+)")
# What a module holds that has one, even where a string is put together of two that stand beside each other.
MAYBE = re.compile(r"""[*+?}][rbuf'"\s]*\+""")


def possessive(pattern: str) -> list[str]:
    return [found["possessive"] for found in TOKEN.finditer(pattern) if found["possessive"]]


def patterns(source: str) -> Iterator[tuple[int, str]]:
    """All strings of a module that are written in a call of ``re``, or in the value of a name that is used in one."""
    if not MAYBE.search(source):
        return
    tree = ast.parse(source)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_of_re(node.func)]
    names = {name.id for call in calls for node in call.args for name in ast.walk(node) if isinstance(name, ast.Name)}
    assigned = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id in names for to in node.targets)
    ]
    for node in (*(argument for call in calls for argument in call.args), *assigned):
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str | bytes):
                yield part.lineno, part.value if isinstance(part.value, str) else part.value.decode("latin-1")


def _is_of_re(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "re"


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_quantifier_is_possessive(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {pattern}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path != Path(__file__)
        for line, pattern in patterns(path.read_text(encoding="utf-8"))
        if possessive(pattern)
    ]
    assert not found, f"use atomic groups, (?>…): {found}"


@pytest.mark.parametrize("pattern", [r"(?:a|ab)*+", r"[^\r\n]*+", "a{2,}+b", "a{2}+", "x?+", r"\+++", "[]+]++", "a++"])
@pytest.mark.parametrize("source", ["re.compile({})", "P = {}\nre.match(rf'a{{P}}', x)", "re.sub('a' + {}, '', x)"])
def test_possessive_quantifiers_are_found(pattern: str, source: str) -> None:
    assert any(possessive(text) for _, text in patterns(source.format(repr(pattern))))


@pytest.mark.parametrize("pattern", [r"(?>a*)+", "[*+]", r"\++", r"[\]*+]x", r"\{2\}+", "[]*+]", "a+b", "a{2}b+"])
def test_nothing_else_is(pattern: str) -> None:
    assert not possessive(pattern)
