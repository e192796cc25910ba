"""Lines that a user has asked to see, also in a program that has set up no logging."""

from __future__ import annotations

import logging
import sys


class StderrHandler(logging.Handler):
    """Writes to standard error what no other handler will show.

    Args:
        logger: The logger it is on.
    """

    def __init__(self, logger: logging.Logger) -> None:
        super().__init__()
        self._logger = logger
        self.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, unless the program shows its log itself. That may begin at any time."""
        if sys.stderr is not None and not self._is_shown():
            try:
                sys.stderr.write(self.format(record) + "\n")
            except Exception:  # noqa: BLE001 - logging must not break what it tells of; this is how it says so
                self.handleError(record)

    def _is_shown(self) -> bool:
        logger: logging.Logger | None = self._logger
        while logger is not None:
            if any(not isinstance(known, StderrHandler | logging.NullHandler) for known in logger.handlers):
                return True
            logger = logger.parent if logger.propagate else None
        return False


def show(logger: logging.Logger) -> None:
    """See to it that the logger's lines at INFO are seen. Doing so twice is doing it once."""
    if not logger.isEnabledFor(logging.INFO):
        logger.setLevel(logging.INFO)
    if not any(isinstance(handler, StderrHandler) for handler in logger.handlers):
        logger.addHandler(StderrHandler(logger))
