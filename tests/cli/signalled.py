"""A program that runs gpo and has a signal come at a moment: ``signalled.py MOMENT SIGNAL REPORT LOADED ARGUMENTS…``.

Moments are counted in calls and returns of functions, so they are the same however busy the machine is. With moment 0
no signal comes, and the report says how many moments there were, and which modules are loaded in the end; else it says
where the signal came. LOADED is such a report: its modules are loaded before anything is counted, which takes a fifth
of the time; ``-`` loads none.
"""

from __future__ import annotations

import atexit
import signal
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any


def _begin(moment: int, number: int, report: Path) -> None:
    count = 0

    def look(frame: FrameType, event: str, _: Any) -> None:
        nonlocal count
        count += 1
        if count == moment:
            sys.setprofile(None)
            places, at = list[str](), frame
            while at is not None and len(places) < 8:
                places.append(f"{at.f_code.co_filename}:{at.f_lineno} {event}")
                at = at.f_back  # type: ignore[assignment]
            report.write_text("\n".join(places))
            signal.raise_signal(number)

    if not moment:
        atexit.register(lambda: report.write_text("\n".join([str(count), *sys.modules])))
    # A program that is started in the background may have been told to ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.setprofile(look)


def _load(report: Path) -> None:
    for name in report.read_text().split()[1:]:
        with suppress(Exception):  # some are parts of others, which alone can load them
            import_module(name)


if __name__ == "__main__":
    if sys.argv[4] != "-":
        _load(Path(sys.argv[4]))
    _begin(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
    sys.argv = ["gpo", *sys.argv[5:]]
    from gpo_client.cli import main

    sys.exit(main())
