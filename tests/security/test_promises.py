"""Every promise in SECURITY.md has its test."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from gpo_client.flows import call, credentials, download, response, stream_reader
from gpo_client.http import response as http_response
from gpo_client.models import json_text
from gpo_client.sse import chunk_decoder, compression
from gpo_sandbox import middleware

ROOT = Path(__file__).resolve().parent.parent.parent
_TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
#: The rows of the tables, without their heads.
PROMISES = [
    line
    for line in _TEXT.splitlines()
    if line.startswith("|") and line not in ("| what holds | shown by |", "|---|---|")
]


@cache
def _tests_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if function.name.startswith("test_")}


def missing(text: str) -> list[str]:
    """The tests that a text names and that are not there."""
    return [f"{path}::{name}" for path, name in _NAMED.findall(text) if name not in _tests_in(ROOT / path)]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise[2:50])
def test_promise_has_a_test(promise: str) -> None:
    """A row says what holds, and by which tests that is shown; they are all there."""
    what, shown_by = (cell.strip() for cell in promise.strip("|").rsplit("|", 1))
    assert what.endswith(".")
    assert _NAMED.sub("", shown_by).replace(",", "").strip() == "", "nothing but tests, written as in pytest"
    assert _NAMED.search(shown_by)
    assert missing(shown_by) == []


def test_every_threat_has_promises() -> None:
    """Each of the five, and no row is lost on the way here."""
    least = {"A hostile network": 8, "A hostile server": 8, "Leaking logs": 8, "A confused relay": 6}
    for threat, promises in {**least, "The sandbox and its page": 14}.items():
        section = _TEXT.split(f"## {threat}\n")[1].split("\n## ")[0]
        assert sum(line in section for line in PROMISES) >= promises, threat
    assert len(PROMISES) == len(set(PROMISES)) >= 35


def test_numbers() -> None:
    """What the page says in numbers is what the code does: tests of limits set them to what is quick to reach."""
    kib, mib = 1024, 1024 * 1024
    at_once = stream_reader._MOST_AT_ONCE
    steps = (chunk_decoder._BYTES_A_STEP // kib, chunk_decoder._LINES_A_STEP, at_once // chunk_decoder._STEPS_AN_EVENT)
    for words in (
        f"(one of an error by {call._PROBLEM_BYTES // kib} KiB)",
        f"a download into memory by {download._MOST_IN_MEMORY // mib} MiB,",
        f"a head by {http_response.MAX_HEAD // kib} KiB",
        f"more than {compression._MOST_TIMES} times its size, beyond a first MiB",
        f"portions of {compression._PORTION // kib} KiB with a turn for others after every four",
        f"in steps ({steps[0]} KiB of regular text, or {steps[1]} lines and {steps[2] // kib} KiB of anything else)",
        f"a single event of more than {at_once // kib} KiB",
        f"an answer of more than {call._LARGE // kib} KiB are read in a thread",
        f"errors of more than {credentials._LONG // kib} KiB searched",
        f"a value for each {json_text.BYTES_A_VALUE} bytes of",
        f"(or {json_text._FEW_VALUES:,}), and in an event a list or an object counts as eight",
        f"at most {middleware.MOST_WAITING} connections wait for the rest of one",
    ):
        assert words in _TEXT, words
    assert (mib, 8) == (compression._FREE_BYTES, json_text._CONTAINER_IN_EVENT)
    assert response._BYTES_A_TURN == 4 * compression._PORTION


def test_missing_tests_are_noticed() -> None:
    """A test that was renamed, or whose file is gone."""
    gone = ["tests/security/test_promises.py::test_gone", "tests/security/gone.py::test_every_threat_has_promises"]
    assert missing(" ".join(f"`{name}`" for name in gone)) == gone


def test_links() -> None:
    """Files that the page leads to are there."""
    for target in re.findall(r"\]\(([^)]+)\)", _TEXT):
        assert (ROOT / target).exists(), target
