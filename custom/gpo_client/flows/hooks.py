"""What a client tells about its retries and resumes: to callbacks, and to the log ``gpo_client``."""

from __future__ import annotations

import logging
from collections.abc import Callable

import attrs

_log = logging.getLogger("gpo_client")


@attrs.frozen(kw_only=True)
class RetryDetails:
    """A request that failed and is about to be sent again.

    Attributes:
        operation: The operationId, such as ``"chat"``.
        attempt: How many requests have been sent.
        delay: Seconds until the next one.
        reason: What went wrong, in a sentence.
        status_code: The HTTP status, when an answer arrived.
        request_id: The ``X-Request-ID``.
        elapsed: Seconds since the call began.
    """

    operation: str
    attempt: int
    delay: float
    reason: str
    status_code: int | None
    request_id: str | None
    elapsed: float


@attrs.frozen(kw_only=True)
class ResumeDetails:
    """A stream that broke and is about to be continued on a new connection.

    Attributes:
        last_event_id: The event after which it goes on; None when none had arrived.
        resume_count: Which resume of this stream it is, from 1.
        delay: Seconds until the request.
        reason: What went wrong, in a few words.
        chunk_count: How many chunks have arrived.
        request_id: The ``X-Request-ID`` of the connection that broke.
        elapsed: Seconds since the stream began.
    """

    last_event_id: str | None
    resume_count: int
    delay: float
    reason: str
    chunk_count: int
    request_id: str | None
    elapsed: float


@attrs.frozen(kw_only=True)
class Hooks:
    """Callbacks of a client. They are called between a failure and the wait; what they raise ends the call.

    Attributes:
        on_retry: Called before a request is sent again.
        on_resume: Called before a stream is continued.
    """

    on_retry: Callable[[RetryDetails], object] | None = None
    on_resume: Callable[[ResumeDetails], object] | None = None

    def retrying(self, details: RetryDetails) -> None:
        """Tell of a retry. Ids and times only: answers and tokens have no place in a log."""
        _log.info(
            "retrying %s in %.3f s: attempt %d, request %s, %s",
            details.operation,
            details.delay,
            details.attempt,
            details.request_id,
            details.status_code or "no answer",
        )
        if self.on_retry is not None:
            self.on_retry(details)

    def resuming(self, details: ResumeDetails) -> None:
        """Tell of a resume."""
        _log.info(
            "resuming a stream in %.3f s: resume %d, after event %s, request %s",
            details.delay,
            details.resume_count,
            details.last_event_id,
            details.request_id,
        )
        if self.on_resume is not None:
            self.on_resume(details)
