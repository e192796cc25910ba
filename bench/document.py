"""The document's numbers, which are those of ``results.json`` and no others."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from bench.machine import ROOT
from bench.results import Results
from bench.table import GOAL_WORDS, as_markdown, goal_rows, sections

BEGIN = "<!-- measured: begin (python -m bench --document) -->"
END = "<!-- measured: end -->"

RESULTS = ROOT / "bench" / "results.json"
DOCUMENT = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "images" / "performance"


def with_numbers(text: str, results: Results) -> str:
    """A document with what stands between its two comments replaced.

    Args:
        text: The document.
        results: What was measured.

    Raises:
        ValueError: The comments are not there.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the document needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{_numbers(results)}\n\n{END}{after}"


def _numbers(results: Results) -> str:
    goals = f"### Goals\n\n{as_markdown(goal_rows(results), GOAL_WORDS)}"
    tables = [f"### {title}\n\n{as_markdown(rows)}" for title, rows in sections(results)]
    notes = [f"Not measured: {note}." for note in results.notes]
    return "\n\n".join([_machine(results), goals, *tables, *notes])


def _machine(results: Results) -> str:
    facts = results.machine
    versions = cast("dict[str, str]", facts["versions"])
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"Measured on {facts['system']}, {facts['cpus']} CPUs, {facts['python']}, with {told}."


def write_document(results: Results, path: Path = DOCUMENT) -> None:
    """Replace the numbers in the document."""
    path.write_text(with_numbers(path.read_text("utf-8"), results), "utf-8")
