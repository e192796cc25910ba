"""The client's own log of its calls: method, path, status, times and ids."""

from __future__ import annotations

import logging
import sys

from gpo_client.flows.observers import (
    AttemptDetails,
    CallDetails,
    CallObserver,
    CallResult,
    Observer,
    ResumeDetails,
    RetryDetails,
    WaitDetails,
)
from gpo_client.logs.redaction import RedactionFilter


class StderrHandler(logging.Handler):
    """Writes to standard error what no other handler of a logger will show."""

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


def _logger(name: str) -> logging.Logger:
    logger = logging.getLogger(f"gpo_client.{name}")
    logger.addHandler(logging.NullHandler())
    # Nothing that is logged here holds a secret. Should that ever change, it still does not get out.
    logger.addFilter(RedactionFilter())
    return logger


_CALLS, _TRACE = _logger("calls"), _logger("trace")


def log_observer(*, trace: bool) -> LogObserver:
    """Return the log of a client; its user wants to see it if ``trace`` (``trace_requests``)."""
    if not trace:
        return LogObserver(_CALLS, logging.DEBUG)
    show(_TRACE)
    return LogObserver(_TRACE, logging.INFO)


class LogObserver(Observer):
    """Logs calls, ordinary lines at a level; retries and resumes are INFO at least."""

    def __init__(self, logger: logging.Logger, level: int) -> None:
        self._logger = logger
        self._level = level

    @property
    def is_active(self) -> bool:
        """Whether anything would be logged."""
        return self._logger.isEnabledFor(logging.INFO)

    def call_started(self, call: CallDetails, parent: CallObserver | None) -> CallObserver:  # noqa: ARG002
        """Return a call begins."""
        return _LoggedCall(self._logger, self._level, call)


class _LoggedCall(CallObserver):
    def __init__(self, logger: logging.Logger, level: int, call: CallDetails) -> None:
        self._logger = logger
        self._level = level
        self._call = call

    def attempt_started(self, number: int) -> None:
        self._log("sent, attempt %d, request %s", number, self._call.request_id)

    def attempt_ended(self, attempt: AttemptDetails) -> None:
        came = attempt.status_code or f"no answer, {attempt.failure},"
        self._log("%s after %.3f s, attempt %d, request %s", came, attempt.duration, attempt.number, attempt.request_id)

    def waited(self, wait: WaitDetails) -> None:
        self._log("waited %.3f s for %s, request %s", wait.seconds, wait.reason, self._call.request_id)

    def retrying(self, retry: RetryDetails) -> None:
        self._logger.info(
            "retrying %s in %.3f s: attempt %d, request %s, %s",
            retry.operation,
            retry.delay,
            retry.attempt,
            retry.request_id,
            retry.status_code or "no answer",
        )

    def resuming(self, resume: ResumeDetails) -> None:
        self._logger.info(
            "resuming a stream in %.3f s: resume %d, after event %s, request %s",
            resume.delay,
            resume.resume_count,
            resume.last_event_id,
            resume.request_id,
        )

    def first_chunk(self, seconds: float) -> None:
        self._log("first chunk after %.3f s, request %s", seconds, self._call.request_id)

    def call_ended(self, result: CallResult) -> None:
        error = "" if result.error is None else f" ({type(result.error).__name__})"
        counts = f", {result.chunk_count} chunks, {result.resume_count} resumes" if self._call.is_stream else ""
        self._log(
            "%s%s after %.3f s, attempt %d%s, request %s",
            result.outcome,
            error,
            result.elapsed,
            result.attempts,
            counts,
            self._call.request_id,
        )

    def _log(self, message: str, *arguments: object) -> None:
        call = self._call
        self._logger.log(self._level, f"%s %s (%s): {message}", call.method, call.path, call.operation, *arguments)
