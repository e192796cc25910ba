"""Reports on a file of answers: how many, how fast, what failed, which sources, as JSON or as a page."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from gpo_client.batch.answers import rounded

# Each bucket of a histogram ends so much later than it begins: good enough for a percentile.
_GROWTH = 1.1
_FASTEST_S = 0.0001
# Of names that a file may have any number of.
_MOST_NAMES = 10_000
_MOST_SHOWN = 20
_BARS = 24


class Histogram:
    """How long things took. It counts in buckets, so that it does not grow.

    >>> times = Histogram()
    >>> for milliseconds in range(1, 1001):
    ...     times.add(milliseconds / 1000)
    >>> round(times.percentile(50), 1), round(times.percentile(95), 1)
    (0.5, 1.0)
    """

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.longest = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.longest = max(self.longest, seconds)
        self.counts[math.floor(math.log(max(seconds, _FASTEST_S), _GROWTH))] += 1

    def percentile(self, percent: float) -> float | None:
        """Seconds that this part took at most, give or take 5 %; None when there is nothing."""
        wanted, count = self.counts.total() * percent / 100, 0
        for bucket in sorted(self.counts):
            count += self.counts[bucket]
            if count >= wanted:
                middle: float = _GROWTH ** (bucket + 0.5)
                return min(middle, self.longest)
        return None

    def to_dict(self) -> dict[str, Any]:
        """Percentiles in seconds, and the bars: from, to, how many."""
        shown = {f"p{percent}": rounded(self.percentile(percent)) for percent in (50, 90, 95, 99)}
        return {"count": self.counts.total(), **shown, "longest": rounded(self.longest), "bars": self._bars()}

    def _bars(self) -> list[tuple[float, float, int]]:
        if not self.counts:
            return []
        first, last = min(self.counts), max(self.counts)
        width = -(-(last - first + 1) // _BARS)
        return [
            (
                round(_GROWTH**start, 4),
                round(_GROWTH ** (start + width), 4),
                sum(self.counts[bucket] for bucket in range(start, start + width)),
            )
            for start in range(first, last + 1, width)
        ]


class BatchReport:
    """What a file of answers says, row by row; the last run took ``elapsed`` seconds (None: not known)."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], elapsed: float | None = None) -> None:
        self._elapsed = elapsed
        self._answered = self._failed = self._throttled = self._attempts = 0
        self._whole, self._first = Histogram(), Histogram()
        self._failures: Counter[str] = Counter()
        self._sources: Counter[str] = Counter()
        self._without: list[str] = []
        self._without_count = 0
        for row in rows:
            self._add(row)

    def to_dict(self) -> dict[str, Any]:
        """Return the report in JSON's types."""
        return {
            "questions": self._answered + self._failed,
            "answered": self._answered,
            "failed": self._failed,
            "elapsed_seconds": rounded(self._elapsed),
            "requests": self._attempts,
            "throttled": self._throttled,
            "seconds": self._whole.to_dict(),
            "first_chunk_seconds": self._first.to_dict(),
            "failures": dict(self._failures.most_common()),
            "sources": dict(self._sources.most_common()),
            "without_source": {"count": self._without_count, "questions": self._without},
        }

    def to_html(self) -> str:
        """Return the report as a page that needs nothing else."""
        report = self.to_dict()
        names = ("questions", "answered", "failed", "requests", "throttled", "elapsed_seconds")
        return _PAGE.format(
            numbers=_table([(name.replace("_", " "), report[name]) for name in names if report[name] is not None]),
            whole=_picture(report["seconds"], "Seconds to the whole answer"),
            first=_picture(report["first_chunk_seconds"], "Seconds to the first chunk"),
            failures=_section("Failures", self._failures.most_common(_MOST_SHOWN)),
            sources=_section("Sources", self._sources.most_common(_MOST_SHOWN)),
            without=_section(
                f"Questions without a source: {self._without_count}",
                [(question, "") for question in self._without[:_MOST_SHOWN]],
            ),
        )

    def _add(self, row: Mapping[str, Any]) -> None:
        self._attempts += row.get("attempts") or 0
        self._throttled += row.get("throttled") or 0
        if row["error"] is not None:
            self._failed += 1
            _count(self._failures, str(row["error"]).partition(":")[0])
            return
        self._answered += 1
        for times, name in ((self._whole, "seconds"), (self._first, "first_chunk_seconds")):
            if row.get(name) is not None:
                times.add(row[name])
        sources: Sequence[Mapping[str, Any]] = row.get("sources") or ()
        for title in {str(source.get("title") or source.get("id")) for source in sources}:
            _count(self._sources, title)
        if not sources:
            self._without_count += 1
            if len(self._without) < _MOST_NAMES:
                self._without.append(str(row.get("user_input"))[:200])


def _count(counts: Counter[str], name: str) -> None:
    if name in counts or len(counts) < _MOST_NAMES:
        counts[name] += 1


def _table(rows: Iterable[tuple[str, object]]) -> str:
    cells = "".join(f"<tr><th>{escape(str(name))}</th><td>{escape(str(value))}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"


def _section(title: str, rows: Sequence[tuple[str, object]]) -> str:
    return f"<h2>{escape(title)}</h2>{_table(rows)}" if rows else ""


def _picture(times: Mapping[str, Any], title: str) -> str:
    """Return a histogram as an SVG picture, with a text for those who do not see it."""
    bars: Sequence[tuple[float, float, int]] = times["bars"]
    if not bars:
        return ""
    most, width = max(count for _, _, count in bars), 640 / len(bars)
    drawn = "".join(
        f'<rect x="{index * width:.1f}" y="{160 - 150 * count / most:.1f}" width="{width - 2:.1f}"'
        f' height="{150 * count / most:.1f}"><title>{start:g} to {end:g} s: {count}</title></rect>'
        for index, (start, end, count) in enumerate(bars)
    )
    told = ", ".join(f"{name} {times[name]:g} s" for name in ("p50", "p95", "p99", "longest"))
    ends = (
        f'<text x="0" y="178">{bars[0][0]:g} s</text><text x="640" y="178" text-anchor="end">{bars[-1][1]:g} s</text>'
    )
    label = escape(f"{title}: {told}")
    return f'<h2>{label}</h2><svg viewBox="0 0 640 184" role="img" aria-label="{label}">{drawn}{ends}</svg>'


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Report on a batch of questions</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ max-width: 44rem; margin: 2rem auto; padding: 0 1rem }}
th {{ text-align: left; font-weight: normal; padding-right: 2rem }} td {{ font-variant-numeric: tabular-nums }}
svg {{ width: 100% }} rect {{ fill: #3b7dd8 }} text {{ font-size: 12px; fill: currentColor }}
h2 {{ font-size: 1.1rem }}
</style>
<h1>Report on a batch of questions</h1>
{numbers}{whole}{first}{failures}{sources}{without}
</html>
"""
