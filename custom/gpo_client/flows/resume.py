"""Continuing a broken stream: whether it can be, and after which wait."""

from __future__ import annotations

from typing import Self

import attrs

from gpo_client.config.header_fields import is_field_value
from gpo_client.exceptions import APIStatusError
from gpo_client.flows.active_call import ActiveCall
from gpo_client.flows.call_details import ResumeDetails
from gpo_client.flows.effects import TIMEOUTS, Failure, FailureKind
from gpo_client.flows.retry import FailedAttempt
from gpo_client.sse.ends import Unproven
from gpo_client.text.record import StreamRecord

# Servers take header fields of some thousand bytes.
_LONGEST_ID = 1_000


@attrs.frozen
class Disconnect:
    """Why a stream has no connection.

    Attributes:
        reason: In a few words.
        cause: The exception behind it.
        timeout: Whether it was silence, not a broken connection.
        final: Whether trying again is no use.
        asked: Seconds that the server asks to wait.
    """

    reason: str
    cause: BaseException | None
    timeout: bool = False
    final: bool = False
    asked: float | None = None

    @classmethod
    def of(cls, failure: Failure | FailedAttempt) -> Self:
        """Return the break that a failure while reading, or a failed attempt while opening again, makes."""
        if isinstance(failure, Failure):
            is_timeout = failure.kind in TIMEOUTS
            return cls(str(failure), failure.cause, timeout=is_timeout, final=failure.kind is FailureKind.TLS)
        error = failure.error
        asked = error.retry_after if isinstance(error, APIStatusError) else None
        # Silence is worth another connection, whether it fell before the head of the response or after it.
        final = not failure.transient and not failure.silent
        return cls(error.message, error, timeout=failure.silent, final=final, asked=asked)


class Resumption:
    """Decides on the resumes of one stream.

    Args:
        active: The call under way.
        record: The stream's progress.
    """

    def __init__(self, active: ActiveCall, record: StreamRecord) -> None:
        self._active = active
        self._record = record
        self._retry_ms: int | None = None
        self._failures = 0

    def server_asks(self, retry_ms: int | None) -> None:
        """Note the reconnection time that the server has set, in milliseconds."""
        if retry_ms is not None:
            self._retry_ms = retry_ms

    def progress(self) -> None:
        """Count resumes from the beginning: new chunks have arrived, so those so far were worth it."""
        self._failures = 0

    def judge(self, failure: Failure, *, is_cut: bool) -> Disconnect:
        """How bad a connection's failure is.

        Args:
            failure: How it failed.
            is_cut: Whether the body had not come to its end.
        """
        broken = Disconnect.of(failure)
        # A server that has sent a whole answer in events that nobody knows sends the same again.
        is_unreadable = not is_cut and not self._record.chunk_count and self._record.names.hide_something
        return attrs.evolve(broken, final=broken.final or is_unreadable)

    def step_back(self, end: Unproven) -> Disconnect:
        """Judge a connection that does not show where it continues: the next is to begin with a known event."""
        self._record.sequence.step_back()
        return Disconnect(end.detail, None)

    def next_delay(self, broken: Disconnect) -> float | None:
        """Seconds to wait before opening again, told to whoever wants to know; None when there is no use in it."""
        if broken.final or not self._can_continue:
            return None
        self._failures += 1
        runtime = self._active.runtime
        delay = runtime.resume.delay(self._failures, random=runtime.random(), asked=broken.asked)
        if delay is None:
            return None
        if self._retry_ms is not None:
            delay = max(delay, min(self._retry_ms / 1000, runtime.resume.max_delay))
        self._record.resume_count += 1
        self._active.reporter.resuming(self._details(broken, delay))
        return delay

    @property
    def _can_continue(self) -> bool:
        """Whether the server can tell where to go on: after the last id, or from the beginning."""
        sequence = self._record.sequence
        if sequence.last_event_id is None:
            return sequence.resumable and self._record.chunk_count == 0
        # The server may have put anything into an id that does not break a line.
        resume_after = sequence.resume_after or ""
        fits = is_field_value(resume_after) and len(resume_after) <= _LONGEST_ID
        return sequence.resumable and fits

    def _details(self, broken: Disconnect, delay: float) -> ResumeDetails:
        return ResumeDetails(
            last_event_id=self._record.last_event_id,
            resume_count=self._record.resume_count,
            delay=delay,
            reason=broken.reason,
            chunk_count=self._record.chunk_count,
            request_id=self._record.request_id,
            elapsed=self._active.elapsed,
        )
