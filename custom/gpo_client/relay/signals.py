"""Noticing that the service is told to shut down."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class ShutdownWatch:
    """Calls back on SIGTERM and SIGINT, and then hands the signal on to whoever handled it before.

    Servers tell an application to shut down only after its responses have ended, and a stream would not end by
    itself. Outside the main thread, where Python has no signals, it does nothing.

    Args:
        callback: What to call; it must not block.
    """

    def __init__(self, callback: Callable[[], object]) -> None:
        self._callback = callback
        self._before: dict[int, Any] = {}

    def begin(self) -> None:
        """Begin to watch; the server must have set its own handlers already, as it has when the lifespan begins."""
        if threading.current_thread() is threading.main_thread() and not self._before:
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._notice)

    def end(self) -> None:
        """Put things back as they were, unless somebody else has changed them since."""
        for number, before in self._before.items():
            # What is None was set outside Python and cannot be put back.
            if before is not None and signal.getsignal(number) == self._notice:
                signal.signal(number, before)
        self._before.clear()

    def _notice(self, number: int, frame: FrameType | None) -> None:
        self._callback()
        before = self._before.get(number)
        if callable(before):
            before(number, frame)
        elif before == signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
