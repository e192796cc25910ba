"""The plot: CPU per chunk by client, and CPU per stream over the number of streams."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.results import Results
from bench.subjects import SUBJECTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, which people see differently but all tell apart; markers and hatching say the same again.
_BLUE, _ORANGE, _PURPLE, _BLACK = "#0072B2", "#E69F00", "#CC79A7", "#000000"
_BARS = ("anthropic", "openai", "httpx-sse", "ours", "floor")
_KINDS = (("segments", "one event to a segment", _ORANGE, "///"), ("bursts", "bursts of 200", _BLUE, ""))
_LINES = {
    "httpx-all": (_BLACK, "s", "--"),
    "openai": (_PURPLE, "^", "-."),
    "httpx-20": (_ORANGE, "D", ":"),
    "ours": (_BLUE, "o", "-"),
}
# Nothing of a plot is where a legend could hide it.
_BELOW: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16), "ncols": 2, "frameon": False}
_STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "gpo-client",
}


def can_plot() -> bool:
    """Whether matplotlib is there."""
    return find_spec("matplotlib") is not None


def write_plot(results: Results, stem: Path) -> list[Path]:
    """Draw the plot and write it as SVG and PNG.

    Args:
        results: What to draw.
        stem: Where to, without the suffix.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    stem.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(_STYLE):
        figure, (bars, lines) = plt.subplots(1, 2, figsize=(11, 5), width_ratios=(1.25, 1), layout="constrained")
        _draw_bars(bars, results)
        _draw_lines(lines, results)
        paths = [stem.with_suffix(suffix) for suffix in (".svg", ".png")]
        for path in paths:
            # Without a date the same numbers give the same bytes.
            metadata: dict[str, Any] = {"Date": None} if path.suffix == ".svg" else {}
            figure.savefig(path, dpi=150, metadata=metadata)
        plt.close(figure)
    return paths


def _draw_bars(axes: Axes, results: Results) -> None:
    names = [name for name in _BARS if results.find("bursts", f"{name}/sync", "cpu_us")]
    for offset, (part, label, colour, hatch) in zip((-0.2, 0.2), _KINDS, strict=True):
        values = [results.find(part, f"{name}/sync", "cpu_us") or 0 for name in names]
        places = [index + offset for index in range(len(names))]
        bars = axes.barh(places, values, 0.38, label=label, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
        axes.bar_label(bars, [f"{value:.3g}" for value in values], padding=3)
    axes.set_yticks(range(len(names)), [SUBJECTS[name].label for name in names])
    axes.set_xscale("log")
    axes.set_xlim(0.3, 300)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("µs of CPU per chunk, blocking clients (log scale; less is better)")
    axes.set_title("CPU per chunk", loc="left", fontweight="bold")
    axes.legend(**_BELOW, reverse=True)


def _draw_lines(axes: Axes, results: Results) -> None:
    from matplotlib.ticker import LogLocator

    keys = results.parts.get("concurrency", {})
    if not keys:
        axes.set_axis_off()
        return
    for name, (colour, marker, style) in _LINES.items():
        points = sorted((n["streams"], n["cpu_us"] / 1000) for key, n in keys.items() if key.split("/")[1] == name)
        if points:
            streams, cpu = zip(*points, strict=True)
            axes.plot(streams, cpu, style, color=colour, marker=marker, markersize=6, label=SUBJECTS[name].label)
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = sorted({int(numbers["streams"]) for numbers in keys.values()})
    axes.set_xticks(ticks, [f"{count:,}" for count in ticks], minor=False)
    axes.minorticks_off()
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(axis="y", alpha=0.3)
    axes.set_xlabel("streams of 100 chunks at once, one event loop")
    axes.set_ylabel("ms of CPU per stream (log scale)")
    axes.set_title("CPU per stream", loc="left", fontweight="bold")
    axes.legend(**_BELOW)
