"""The tables of docs/integration.md say what the tests hold."""

from __future__ import annotations

from pathlib import Path

from tests.hosting.test_runtimes import RUNTIMES
from tests.support.transports import EXCEPTIONS

_PAGE = (Path(__file__).resolve().parents[2] / "docs" / "integration.md").read_text("utf-8")


def test_exceptions_of_transports() -> None:
    """Whatever is left out of the suites on httpx and httpx2 is told to users, and nothing else is."""
    listed = _PAGE.partition("## Clients of httpx and httpx2")[2].partition("\n## ")[0].split("\n- ")[1:]
    told = {" ".join(line.split()) for line in listed}
    assert len(told) == len(set(EXCEPTIONS.values()))
    for words in EXCEPTIONS.values():
        assert any(line.startswith(words) for line in told), words


def test_runtimes() -> None:
    """Each that is tested has its row."""
    for name in RUNTIMES:
        assert f"\n| {name} |" in _PAGE, name
