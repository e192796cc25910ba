"""Tables: everything that was measured, and the goals, as text."""

from __future__ import annotations

from collections.abc import Sequence

from bench.goal_list import GOALS
from bench.goals import Goal, Verdict
from bench.measures.base import Numbers
from bench.results import Results
from bench.subjects import SUBJECTS

Row = tuple[str, ...]

_TITLES = {
    "bursts": "Bursts: 200 events to a write",
    "segments": "One event per segment, as fast as the client reads",
    "paced": "One event per segment, each waited for",
    "concurrency": "Streams of 100 chunks in one event loop, connections included",
    "memory": "Memory",
    "imports": "Imports",
    "construction": "A client after the first in a process",
    "first_chunk": "Time to first chunk",
    "linearity": "Linearity",
}
_UNITS = {
    "cpu_us": ("CPU", "µs"),
    "double_cpu_us": ("CPU of twice as much", "µs"),
    "wall_us": ("wall", "µs"),
    "floor_us": ("typed floor, wall", "µs"),
    "mb": ("growth", "MB"),
    "kb": ("per stream", "KB"),
    "ratio": ("ratio", "×"),
    "late_modules": ("late modules", ""),
    "tls_contexts": ("TLS contexts", ""),
}


def sections(results: Results) -> list[tuple[str, list[Row]]]:
    """For each part that was measured its title, and its rows with a head."""
    return [(_TITLES[part], _rows(found)) for part, found in results.parts.items() if found]


def _rows(found: dict[str, Numbers]) -> list[Row]:
    names = [name for name in _UNITS if any(name in numbers for numbers in found.values())]
    head = ("", *(" / ".join(word for word in _UNITS[name] if word) for name in names))
    return [head, *((_label(key), *(_shown(numbers.get(name)) for name in names)) for key, numbers in found.items())]


def _label(key: str) -> str:
    words = [SUBJECTS[word].label if word in SUBJECTS else word for word in key.split("/")]
    return ", ".join(words)


def _shown(value: float | None) -> str:
    if value is None:
        return ""
    if value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def goal_rows(results: Results, goals: Sequence[Goal] = GOALS, *, partly: bool = False) -> list[Row]:
    """A head and a row to each goal; ``partly``: to each that was measured."""
    head = ("goal", "limit", "measured", "held", "how")
    verdicts = [goal.judge(results) for goal in goals]
    return [head, *(_goal_row(verdict) for verdict in verdicts if partly is False or verdict.held is not None)]


def _goal_row(verdict: Verdict) -> Row:
    goal, held = verdict.goal, {True: "yes", False: "NO", None: "not measured"}[verdict.held]
    measured = "" if verdict.measured is None else f"{_shown(verdict.measured)} {goal.unit}"
    return goal.what, f"{goal.at} {goal.limit:g} {goal.unit}", measured, held, goal.how


def as_text(rows: Sequence[Row]) -> str:
    """Rows in columns; numbers, which are in all columns but the first, to the right when ``rows`` are of a part."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(_padded(row, widths)).rstrip() for row in rows)


def _padded(row: Row, widths: Sequence[int]) -> list[str]:
    last = len(row) - 1
    return [
        cell.ljust(width) if column == 0 or (last > 3 and column >= 3) else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def as_markdown(rows: Sequence[Row]) -> str:
    """Rows as a table in a document."""
    rule = ("---", *("---:" for _ in rows[0][1:]))
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], rule, *rows[1:]))


def report(results: Results, *, partly: bool = False) -> str:
    """Everything, readable."""
    parts = [f"{title}\n{as_text(rows)}" for title, rows in sections(results)]
    notes = "\n".join(f"not measured: {note}" for note in results.notes)
    return "\n\n".join(part for part in (*parts, notes, as_text(goal_rows(results, partly=partly))) if part) + "\n"
