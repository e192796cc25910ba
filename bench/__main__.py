"""``python -m bench``: measure, print one table, and write it as JSON beside this file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import attrs

from bench.goal_list import GOALS
from bench.measures.base import QUICK, Scale
from bench.measures.parts import PARTS
from bench.runner import run
from bench.subjects import SUBJECTS
from bench.table import report

RESULTS = Path(__file__).with_name("results.json")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", type=_names(PARTS), default=[], help=f"parts to run, of {', '.join(PARTS)}")
    parser.add_argument("--clients", type=_names(SUBJECTS), default=[], help=f"of {', '.join(SUBJECTS)}")
    parser.add_argument("--repeat", type=int, help="how often to measure each; the best counts")
    parser.add_argument("--quick", action="store_true", help="measure less, for a first impression")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed or not measured")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where to write the JSON")
    return parser.parse_args(arguments)


def _names(known: dict[str, object]) -> object:
    def names(text: str) -> list[str]:
        found = text.replace(",", " ").split()
        if unknown := [name for name in found if name not in known]:
            raise argparse.ArgumentTypeError(f"there is no {unknown[0]!r}; there are {', '.join(known)}")
        return found

    return names


def _tell(line: str) -> None:
    """Say what is being measured, on a line that the next one replaces when somebody is watching."""
    sys.stderr.write(f"\r\x1b[K{line}" if sys.stderr.isatty() else "")
    sys.stderr.flush()


def main(arguments: list[str] | None = None) -> int:
    """Measure and report."""
    options = _options(arguments)
    scale = QUICK if options.quick else Scale()
    if options.repeat:
        scale = attrs.evolve(scale, repeat=options.repeat)
    results = run(scale, options.only or list(PARTS), options.clients, _tell)
    partly = bool(options.only or options.clients)
    sys.stdout.write(report(results, partly=partly))
    if not partly:
        results.write(options.output)
    verdicts = [goal.judge(results) for goal in GOALS]
    return 1 if options.strict and not all(verdict.held for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
