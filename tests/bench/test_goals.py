"""The goals, the tables and the document follow from what was measured."""

from __future__ import annotations

import itertools
from pathlib import Path

import attrs
import pytest

from bench.goals import GOALS, Goal
from bench.measures import loops, relay
from bench.measures.base import Scale
from bench.measures.parts import PARTS
from bench.plot import write_plot
from bench.results import Results
from bench.table import (
    BEGIN,
    DOCUMENT,
    END,
    GOAL_WORDS,
    RESULTS,
    as_markdown,
    as_text,
    goal_rows,
    label,
    report,
    sections,
    shown,
    with_numbers,
)

NUMBERS = (
    *("cpu_us", "double_cpu_us", "wall_us", "floor_us", "us", "mb", "kb", "ratio"),
    *("late_modules", "tls_contexts", "lost", "seconds", "floor_wall_us"),
)


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> Results:
    """As if every job of a full run had been measured, no two numbers the same."""
    monkeypatch.setattr(relay, "missing", lambda _: False)  # a full run has all that the services need
    monkeypatch.setattr(loops, "is_missing", lambda: False)
    counter = itertools.count(1)
    parts = {
        part.name: {
            job.key: {name: float(next(counter)) for name in NUMBERS} | {"streams": job.sizes.get("streams", 0)}
            for job in part.jobs(Scale())
        }
        for part in PARTS.values()
    }
    machine = {"python": "CPython 3.11.0", "system": "Linux x86_64", "cpus": 2, "versions": {"httpx": "0.28.1"}}
    return Results(machine=machine, parts=parts)


def test_every_goal_is_measured(results: Results) -> None:
    """A full run has the numbers of each goal, except of those that are shown elsewhere."""
    assert len(GOALS) > 25
    assert [goal.what for goal in GOALS if goal.judge(results).measured is None] == [
        goal.what for goal in GOALS if goal.elsewhere
    ]
    assert len({goal.what for goal in GOALS}) == len(GOALS)


@pytest.mark.parametrize(
    ("at", "measured", "held", "missed"),
    [("≤", 2.0, True, False), ("≤", 2.1, False, True), ("≥", 2.0, True, False), ("≥", 1.9, False, True)],
)
def test_limits(results: Results, at: str, measured: float, held: bool, missed: bool) -> None:
    """The limit itself is within."""
    goal = Goal(what="", limit=2, how="", compute=lambda _: measured, at="≤" if at == "≤" else "≥")
    verdict = goal.judge(results)
    assert (verdict.held, verdict.is_missed(partly=False), verdict.is_missed(partly=True)) == (held, missed, missed)


def test_what_was_not_measured_is_missed(results: Results) -> None:
    """Unless only a part was wanted, or it is shown elsewhere."""
    goal = Goal(what="", limit=2, how="", compute=lambda _: None)
    assert goal.judge(results).is_missed(partly=False)
    assert not goal.judge(results).is_missed(partly=True)
    assert not attrs.evolve(goal, elsewhere="make test").judge(results).is_missed(partly=False)


def test_everything_is_in_the_tables(results: Results) -> None:
    """Each part has its table, each client its row, each goal its line."""
    text = report(results)
    assert len(sections(results)) == len(PARTS)
    assert all(goal.what in text for goal in GOALS)
    for part in PARTS.values():
        for job in part.jobs(Scale()):
            assert label(job.subject or job.what) in text


def test_each_row_has_its_own_numbers(results: Results) -> None:
    """What was measured of a client stands in its row."""
    for part in ("bursts", "segments", "paced"):
        rows = {row[0]: row[1:] for _, table in sections(replaced(results, part)) for row in table}
        for name in ("floor", "ours", "openai"):
            found = [results.parts[part][f"{name}/{runtime}"] for runtime in ("sync", "async")]
            cells = [shown(numbers[number]) for number in ("cpu_us", "wall_us") for numbers in found]
            assert rows[label(name)] == tuple(cells)
    rows = {row[0]: row[1:] for _, table in sections(replaced(results, "concurrency")) for row in table}
    costs = [results.parts["concurrency"][f"{streams}/ours/async"]["cpu_us"] for streams in (10, 100, 1000)]
    assert rows[label("ours")] == tuple(shown(cpu / 1000) for cpu in costs)


def replaced(results: Results, part: str) -> Results:
    """The results of one part alone."""
    return attrs.evolve(results, parts={part: results.parts[part]})


def test_columns() -> None:
    """Words to the left, numbers to the right."""
    rows = [("client", "µs"), ("floor", "10.5")]
    assert as_text(rows) == "client    µs\nfloor   10.5"
    assert as_markdown(rows) == "| client | µs |\n| --- | ---: |\n| floor | 10.5 |"
    assert [shown(value) for value in (None, 0, 0.12345, 12.345, 1234.5, 1000.0)] == [
        "", "0", "0.123", "12.3", "1,234", "1,000",
    ]  # fmt: skip


def test_results_are_written_and_read(results: Results, tmp_path: Path) -> None:
    """What comes back is the same, and names neither the machine nor a path."""
    results.write(tmp_path / "results.json", [goal.judge(results).as_dict() for goal in GOALS])
    assert goal_rows(Results.read(tmp_path / "results.json")) == goal_rows(results)


def test_part_measured_later(results: Results) -> None:
    """It takes its place among the others, which stay."""
    old = attrs.evolve(results, parts={**results.parts, "memory": {}})
    assert old.with_parts(replaced(results, "memory")).parts == results.parts


def test_document_needs_its_comments(results: Results) -> None:
    """What stands between them is replaced, and nothing else."""
    once = with_numbers(f"before\n{BEGIN}\nold\n{END}\nafter", results)
    assert once.startswith(f"before\n{BEGIN}\n\nMeasured on ")
    assert once.endswith(f"{END}\nafter")
    assert "old" not in once
    assert as_markdown(goal_rows(results), GOAL_WORDS) in once
    assert with_numbers(once, results) == once
    with pytest.raises(ValueError, match="needs the lines"):
        with_numbers("no comments", results)


def test_document_shows_what_was_measured() -> None:
    """The numbers in the document are those of the results that are kept with it."""
    text = DOCUMENT.read_text("utf-8")
    assert with_numbers(text, Results.read(RESULTS)) == text


def test_plot(results: Results, tmp_path: Path) -> None:
    """Both pictures are drawn, the same from the same numbers."""
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")
    pictures = [path.read_bytes() for path in write_plot(results, tmp_path / "one")]
    assert [path.read_bytes() for path in write_plot(results, tmp_path / "two")] == pictures
    assert (pictures[0][:5], pictures[1][:4]) == (b"<?xml", b"\x89PNG")
