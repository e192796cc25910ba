"""``python -m bench``: measure, and print one table of everything with the goals.

A full run also writes ``bench/results.json``, the numbers in ``docs/performance.md`` and the plot beside it, which
belong together; a part, a short run or a few clients print only, unless they are told to ``--keep`` what they found.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection
from pathlib import Path

import attrs

from bench.goals import GOALS
from bench.measures.base import QUICK, Scale
from bench.measures.parts import PARTS
from bench.plot import can_plot, write_plot
from bench.results import Results
from bench.runner import MeasurementError, run
from bench.subjects import SUBJECTS
from bench.table import PLOT, RESULTS, report, write_document


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=_names(PARTS), default=[], help=f"parts to run, of {', '.join(PARTS)}")
    parser.add_argument("--clients", type=_names(SUBJECTS), default=[], help=f"of {', '.join(SUBJECTS)}")
    parser.add_argument("--repeat", type=int, help="how often to measure each; the best counts")
    parser.add_argument("--quick", action="store_true", help="measure less, for a first impression")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    parser.add_argument("--keep", action="store_true", help="put the parts measured into the JSON and the document")
    parser.add_argument("--output", type=Path, help="write the JSON to this file, and nothing else")
    parser.add_argument("--document", action="store_true", help="measure nothing: document and plot from the JSON")
    return parser.parse_args(arguments)


def _names(known: Collection[str]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        found = text.replace(",", " ").split()
        if unknown := [name for name in found if name not in known]:
            raise argparse.ArgumentTypeError(f"there is no {unknown[0]!r}; there are {', '.join(known)}")
        return found

    return names


def _tell(line: str) -> None:
    """Say what is being measured, on a line that the next one replaces, when somebody is watching."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()


def _document(results: Results) -> None:
    write_document(results)
    if can_plot():
        write_plot(results, PLOT)
    else:
        sys.stderr.write("no plot: matplotlib is not installed (pip install 'gpo-client[bench]')\n")


def main(arguments: list[str] | None = None) -> int:
    """Measure and report."""
    options = _options(arguments)
    if options.document:
        _document(Results.read(RESULTS))
        return 0
    scale = QUICK if options.quick else Scale()
    if options.repeat:
        scale = attrs.evolve(scale, repeat=options.repeat)
    partly = bool(options.only or options.clients)
    try:
        results = run(scale, options.only or list(PARTS), options.clients, _tell)
    except MeasurementError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    _tell("")
    sys.stdout.write(report(results, partly=partly))
    verdicts = [goal.judge(results) for goal in GOALS]
    is_full = not (partly or options.quick or options.output)
    if options.keep and not is_full:
        results = Results.read(RESULTS).with_parts(results)
        verdicts = [goal.judge(results) for goal in GOALS]
    if options.output or is_full or options.keep:
        results.write(options.output or RESULTS, [verdict.as_dict() for verdict in verdicts])
    if is_full or options.keep:
        _document(Results.read(RESULTS))  # as it was kept: rounded
    missed = any(verdict.is_missed(partly=partly or options.quick) for verdict in verdicts)
    return 1 if options.strict and missed else 0


if __name__ == "__main__":
    sys.exit(main())
