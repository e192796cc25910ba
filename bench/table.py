"""Tables of everything that was measured and of the goals, for the terminal and for the document.

The document's numbers are those of ``results.json`` and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from textwrap import fill
from typing import cast

from bench.goals import GOALS, Verdict
from bench.machine import ROOT
from bench.measures.base import Numbers
from bench.results import Results
from bench.subjects import SUBJECTS

Row = tuple[str, ...]
Found = dict[str, Numbers]


def shown(value: float | None) -> str:
    """A number with three digits, or all of those before its point; nothing when there is none."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def label(key: str) -> str:
    """A measurement's name, readable."""
    return ", ".join(SUBJECTS[word].label if word in SUBJECTS else word for word in key.split("/"))


def _by_runtime(found: Found) -> list[Row]:
    """A row to each client, CPU and wall time of both shells beside each other."""
    clients = dict.fromkeys(key.split("/")[0] for key in found)
    columns = [(runtime, name) for name in ("cpu_us", "wall_us") for runtime in ("sync", "async")]
    head = ("µs per chunk", *(f"{'CPU' if name == 'cpu_us' else 'wall'} {runtime}" for runtime, name in columns))
    cells = {
        client: [shown(found.get(f"{client}/{runtime}", {}).get(name)) for runtime, name in columns]
        for client in clients
    }
    return [head, *((label(client), *cells[client]) for client in clients)]


def _by_streams(found: Found) -> list[Row]:
    """A row to each client, CPU time at each number of streams beside each other."""
    clients = dict.fromkeys(key.split("/")[1] for key in found)
    streams = dict.fromkeys(key.split("/")[0] for key in found)
    head = ("ms of CPU per stream", *(f"{int(count):,} streams" for count in streams))

    def cell(client: str, count: str) -> str:
        numbers = found.get(f"{count}/{client}/async")
        return "" if numbers is None else shown(numbers["cpu_us"] / 1000)

    return [head, *((label(client), *(cell(client, count) for count in streams)) for client in clients)]


def _plain(columns: dict[str, tuple[str, float]], found: Found) -> list[Row]:
    """A row to each measurement; ``columns``: for each of its numbers the head and what it is divided by."""
    head = ("", *(title for title, _ in columns.values()))
    return [
        head,
        *(
            (label(key), *(shown(numbers[name] / by) for name, (_, by) in columns.items()))
            for key, numbers in found.items()
        ),
    ]


def _memory(found: Found) -> list[Row]:
    """Growth in MB, and KB for each idle stream."""
    return [
        ("", "growth, MB", "per stream, KB"),
        *((label(key), shown(numbers.get("mb")), shown(numbers.get("kb"))) for key, numbers in found.items()),
    ]


_LAYOUTS: dict[str, tuple[str, Callable[[Found], list[Row]]]] = {
    "bursts": ("Bursts: 200 events to a write", _by_runtime),
    "segments": ("One event to a segment, as fast as the client reads", _by_runtime),
    "paced": ("One event to a segment, each waited for", _by_runtime),
    "concurrency": ("Many streams of 100 chunks in one event loop, connections included", _by_streams),
    "memory": ("Memory", _memory),
    "imports": ("Imports", partial(_plain, {"cpu_us": ("CPU, ms", 1e3), "late_modules": ("late modules", 1)})),
    "construction": (
        "Clients after the first in a process",
        partial(_plain, {"cpu_us": ("CPU, µs", 1), "tls_contexts": ("TLS contexts for 20", 1)}),
    ),
    "first_chunk": (
        "Time to the first chunk",
        partial(_plain, {"wall_us": ("wall, µs", 1), "floor_us": ("typed floor, µs", 1), "ratio": ("ratio", 1)}),
    ),
    "uvloop": (
        "On uvloop: CPU per chunk, wall time to the first chunk, CPU per stream of so many at once",
        partial(_plain, {"us": ("µs", 1), "floor_us": ("floor, µs", 1), "ratio": ("ratio", 1)}),
    ),
    "calls": (
        "Calls: chat(), and httpx's post with a typed parse",
        partial(
            _plain,
            {
                "cpu_us": ("CPU, µs", 1),
                "floor_us": ("httpx, CPU, µs", 1),
                "ratio": ("ratio", 1),
                "wall_us": ("wall, µs", 1),
                "floor_wall_us": ("httpx, wall, µs", 1),
            },
        ),
    ),
    "telemetry": (
        "Telemetry: whole streams, unwatched and with a span and measurements",
        partial(_plain, {"floor_us": ("off, µs", 1), "cpu_us": ("on, µs", 1), "ratio": ("ratio", 1)}),
    ),
    "batch": (
        "Bulk questions: streams of 10 chunks by hand and in a batch, 32 at once",
        partial(_plain, {"floor_us": ("by hand, µs", 1), "cpu_us": ("batch, µs", 1), "ratio": ("ratio", 1)}),
    ),
    "threads": (
        "Threads: streams of 10 chunks by a client for each thread, and by one that they share",
        partial(
            _plain,
            {
                "floor_us": ("own, CPU, µs", 1),
                "cpu_us": ("shared, CPU, µs", 1),
                "ratio": ("ratio", 1),
                "floor_wall_us": ("own, wall, µs", 1),
                "wall_us": ("shared, wall, µs", 1),
            },
        ),
    ),
    "relay": (
        "The relay: CPU of a web service for each chunk that it passes on to a browser",
        partial(_plain, {"cpu_us": ("CPU, µs", 1)}),
    ),
    "networks": (
        "Networks: streams of 2 seconds, 20 at once, and what was not whole of them",
        partial(_plain, {"streams": ("streams", 1), "lost": ("lost", 1), "seconds": ("seconds", 1)}),
    ),
    "linearity": (
        "Twice the size",
        partial(_plain, {"cpu_us": ("CPU, ms", 1e3), "double_cpu_us": ("twice, ms", 1e3), "ratio": ("ratio", 1)}),
    ),
}


def sections(results: Results) -> list[tuple[str, list[Row]]]:
    """For each part that was measured its title, and its rows with a head."""
    return [
        (title, layout(results.parts[part])) for part, (title, layout) in _LAYOUTS.items() if results.parts.get(part)
    ]


def goal_rows(results: Results, *, partly: bool = False) -> list[Row]:
    """A head and a row to each goal.

    Args:
        results: What was measured.
        partly: Whether to leave out the goals for which nothing was measured.
    """
    verdicts = [goal.judge(results) for goal in GOALS]
    return [
        ("goal", "limit", "measured", "held", "how"),
        *(_goal_row(verdict) for verdict in verdicts if not partly or verdict.held is not None),
    ]


def _goal_row(verdict: Verdict) -> Row:
    goal = verdict.goal
    held = {True: "yes", False: "NO", None: goal.elsewhere or "not measured"}[verdict.held]
    measured = "" if verdict.measured is None else f"{shown(verdict.measured)} {goal.unit}"
    return goal.what, f"{goal.at} {goal.limit:g} {goal.unit}", measured, held, goal.how


#: The columns of goals that hold words.
GOAL_WORDS = (0, 3, 4)


def as_text(rows: Sequence[Row], words: Collection[int] = (0,)) -> str:
    """Rows in columns, those that hold words to the left and the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in words else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def as_markdown(rows: Sequence[Row], words: Collection[int] = (0,)) -> str:
    """The same as a table in a document."""
    rule = tuple("---" if column in words else "---:" for column in range(len(rows[0])))
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], rule, *rows[1:]))


def report(results: Results, *, partly: bool = False) -> str:
    """Everything, readable."""
    parts = [f"{title}\n{as_text(rows)}" for title, rows in sections(results)]
    parts.append("\n".join(f"not measured: {note}" for note in results.notes))
    parts.append(as_text(goal_rows(results, partly=partly), GOAL_WORDS))
    return "\n\n".join(part for part in parts if part) + "\n"


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
    return fill(f"Measured on {facts['system']}, {facts['cpus']} CPUs, {facts['python']}, with {told}.", 128)


def write_document(results: Results, path: Path = DOCUMENT) -> None:
    """Replace the numbers in the document."""
    path.write_text(with_numbers(path.read_text("utf-8"), results), "utf-8")
