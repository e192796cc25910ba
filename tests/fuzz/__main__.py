"""Fuzzing for a while: ``make fuzz``, with FUZZ_SECONDS for all targets together and FUZZ for some of them.

With FUZZ_SEED, a number, the inputs are the same in each run, as far as the time goes; without, they are others.

A new input that fails is shrunk by hypothesis, kept as a seed, and so an ordinary test from then on.
"""

from __future__ import annotations

import os
import sys
import time
import traceback

from tests.fuzz.running import search
from tests.fuzz.targets import TARGETS

_SECONDS = 120.0


def main() -> int:
    """Fuzz, tell what was found, and return the exit code."""
    chosen = os.environ.get("FUZZ", "").split() or list(TARGETS)
    seconds = float(os.environ.get("FUZZ_SECONDS") or _SECONDS) / len(chosen)
    first = os.environ.get("FUZZ_SEED")
    failed = 0
    for name in chosen:
        began = time.monotonic()
        outcome = search(TARGETS[name], seconds, first=int(first) if first else None)
        print(f"{name:<12} {outcome.tried:>8} inputs in {time.monotonic() - began:5.1f} s", flush=True)
        if outcome.error is not None:
            failed += 1
            traceback.print_exception(outcome.error)
            print(f"{name}: kept as {TARGETS[name].keep(outcome.data)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
