"""A program that runs gpo and has a signal come at a certain moment: ``signalled.py MOMENT SIGNAL REPORT ARGUMENTS…``.

Moments are counted in calls and returns of functions, so they are the same however busy the machine is. With moment 0
no signal comes, and the report says how many moments there were; else it says where the signal came.
"""

from __future__ import annotations

import atexit
import signal
import sys
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
        atexit.register(lambda: report.write_text(str(count)))
    # A program that is started in the background may have been told to ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.setprofile(look)


if __name__ == "__main__":
    _begin(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
    sys.argv = ["gpo", *sys.argv[4:]]
    from gpo_client.cli import main

    sys.exit(main())
