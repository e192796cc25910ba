"""What becomes of a broken stream: it is resumed, falls back to the whole answer, or fails."""

from __future__ import annotations

from typing import Any, Self, TypeVar

import attrs

from gpo_client.config.header_fields import is_field_value
from gpo_client.exceptions import (
    APIStatusError,
    GPOClientError,
    GPOTimeoutError,
    StreamError,
    StreamInterruptedError,
    StreamLimitError,
    StreamProtocolError,
    StreamServerError,
    StreamTimeoutError,
)
from gpo_client.flows.active_call import ActiveCall
from gpo_client.flows.call import call_flow
from gpo_client.flows.deadlines import StreamDeadlines
from gpo_client.flows.effects import TIMEOUTS, Deliver, Failure, FailureKind, Flow, Opened
from gpo_client.flows.observers import ResumeDetails
from gpo_client.flows.options import CreateOptions
from gpo_client.flows.response import TooLong, media_type
from gpo_client.flows.retry import FailedAttempt
from gpo_client.models.answer import ChatResponse
from gpo_client.models.problem import Problem
from gpo_client.models.stream import StreamingChunk
from gpo_client.operations.call import Call
from gpo_client.sse.compression import InflationError
from gpo_client.sse.event_kinds import Malformed, Overlong, Oversized, ServerProblem, Unproven, find_problem
from gpo_client.sse.parser import oversized_message
from gpo_client.text.record import StreamRecord

# Servers take header fields of some thousand bytes.
_LONGEST_ID = 1_000


@attrs.frozen
class Disconnect:
    """Why a stream has no connection."""

    reason: str  # in a few words
    cause: BaseException | None
    timeout: bool = False  # whether it was silence, not a broken connection
    final: bool = False  # whether trying again is no use
    asked: float | None = None  # seconds that the server asks to wait

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
    """Decides on the resumes of one stream."""

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
        """How bad a connection's failure is; ``is_cut`` when the body had not come to its end."""
        broken = Disconnect.of(failure)
        # A server that has sent a whole answer in events that nobody knows sends the same again.
        is_unreadable = not is_cut and not self._record.chunk_count and self._record.names.hide_something
        return attrs.evolve(broken, final=broken.final or is_unreadable)

    def step_back(self, end: Unproven) -> Disconnect:
        """Judge a connection that does not show where it continues: the next is to begin with a known event."""
        self._record.sequence.step_back()
        return Disconnect(end.detail, None)

    def next_delay(self, broken: Disconnect, left: float) -> float | None:
        """Seconds to wait before opening again, told to whoever wants to know; None when there is no use in it.

        After ``left`` seconds opening is no use any more.
        """
        if broken.final or not self._can_continue:
            return None
        self._failures += 1  # since the last new chunk
        runtime = self._active.runtime
        delay = runtime.resume.delay(self._failures, random=runtime.random(), asked=broken.asked, left=left)
        if delay is None:
            return None
        # "retry: 3000" (WHATWG HTML §9.2.6) is the least wait, and max_delay the most, whoever asks for more.
        if self._retry_ms is not None:
            delay = max(delay, min(self._retry_ms / 1000, runtime.resume.max_delay))
        self._record.resume_count += 1
        self._active.reporter.resuming(self._details(broken, delay))
        return delay

    @property
    def _can_continue(self) -> bool:
        """Whether the server can tell where to go on: after the last id, or from the beginning."""
        sequence = self._record.sequence
        # Without ids a server can only begin again, which is no repeat as long as nothing has been delivered.
        if sequence.last_event_id is None:
            return self._record.chunk_count == 0
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


E = TypeVar("E", bound=StreamError)


class StreamErrors:
    """Makes the errors of one stream."""

    def __init__(self, active: ActiveCall, record: StreamRecord, deadlines: StreamDeadlines) -> None:
        self._active = active
        self._record = record
        self._deadlines = deadlines

    def too_slow(self, cause: BaseException | None = None) -> StreamTimeoutError:
        """Return the error of a deadline that has passed."""
        message = f"timeout: the stream was slower than {self._deadlines.passed()} allows, {self._progress()}"
        if isinstance(cause, GPOTimeoutError):
            message += f": {cause.message}"
        return self._error(StreamTimeoutError, message, cause)

    def too_slow_to_begin(self, error: GPOTimeoutError) -> StreamTimeoutError:
        """Return the error of a stream to which no connection came about in time."""
        if self._deadlines.time_left <= 0:
            return self.too_slow(error)
        return self._error(StreamTimeoutError, error.message)

    def interrupted(self, broken: Disconnect) -> StreamError:
        """Return the error of a connection that is lost for good."""
        if broken.timeout:  # what the user can change then is a deadline, so the error names it
            return self.too_slow(broken.cause)
        resumes = f", continued {self._record.resume_count} times" if self._record.resume_count else ""
        names = f"; {self._record.names.story}" if self._record.names.story else ""
        message = f"the stream was cut short {self._progress()}{resumes}: {broken.reason}{names}"
        return self._error(StreamInterruptedError, message, broken.cause)

    def damaged(self, error: ValueError) -> StreamError:
        """Return the error of a body that cannot be decompressed, or not to a sensible size."""
        kind = StreamLimitError if isinstance(error, InflationError) else StreamProtocolError
        return self._error(kind, str(error))

    def bad_end(self, end: Malformed | Oversized | Overlong | ServerProblem) -> StreamError:
        """Return the error of a stream that its own content has ended."""
        if isinstance(end, Malformed):
            return self._error(StreamProtocolError, end.detail)
        if isinstance(end, Oversized):
            limit = self._active.runtime.config.max_event_bytes
            return self._error(StreamLimitError, oversized_message(limit, end.values))
        if isinstance(end, Overlong):
            limit = self._active.runtime.config.max_stream_bytes
            message = f"the stream is longer than max_stream_bytes ({limit}); raise that if it is to be expected"
            return self._error(StreamLimitError, message)
        return self._refused(end.problem, "the server ended the stream with an error")

    def no_stream(
        self, head: Opened, body: bytes | Failure | TooLong | None = None, beginning: str = ""
    ) -> StreamError:
        """Return the error of a good response that is no stream.

        A body in JSON may say why there is none; ``beginning`` is how it begins, if its head does not say what it is.
        """
        what = f"{head.status} and {media_type(head) or 'no content type'}"
        base_url = self._active.runtime.config.base_url
        message = f"a stream was asked for, but {base_url} answered with {what}"
        if isinstance(body, bytes) and (problem := find_problem(body)) is not None:
            return self._refused(problem, message, status_code=head.status)
        if beginning:
            secret = self._active.error_context.secret
            message += f", beginning with {Problem(detail=beginning).without(secret).detail!r}"
        message += "; ask with chat() for a whole answer" if "json" in media_type(head) else ""
        return self._error(StreamProtocolError, message, status_code=head.status)

    def _refused(self, problem: Problem, message: str, **more: Any) -> StreamServerError:
        problem = problem.without(self._active.error_context.secret)
        return self._error(
            StreamServerError, f"{message}: {problem.summary}", problem=problem, code=problem.code, **more
        )

    def may_fall_back(self, error: StreamError) -> bool:
        """Whether asking for a whole answer may help: not when the server said no, nor when time is up."""
        kinds = (StreamInterruptedError, StreamProtocolError, StreamTimeoutError)
        return isinstance(error, kinds) and self._deadlines.total != 0

    def _progress(self) -> str:
        partial = self._record.partial
        return f"after {partial.chunk_count} chunks ({len(partial.content)} characters)"

    def _error(self, kind: type[E], message: str, cause: BaseException | None = None, **more: Any) -> E:
        error = kind(
            message,
            partial=self._record.partial,
            last_event_id=self._record.last_event_id,
            request_id=self._record.request_id or self._active.request_id,
            attempts=self._active.attempts,
            elapsed=self._active.elapsed,
            **more,
        )
        error.__cause__ = cause
        return error


def fall_back(
    active: ActiveCall,
    fallback_call: Call[ChatResponse],
    record: StreamRecord,
    error: StreamError,
    remaining: float | None,
) -> Flow[None]:
    """Ask for the whole answer and deliver what the stream still owed, as one last chunk.

    The question goes out under the stream's idempotency key, so the service gives the answer it has begun, if it can.
    It goes out once: the stream has had its tries, and what is left of its time is the time of one. Raises StreamError:
    the stream's own error, when no whole answer is to be had; a StreamInterruptedError with ``fallback_response``, when
    the whole answer is not the one that had begun. ``remaining`` seconds are left of the stream's time; None: no limit.
    """
    try:
        answer = yield from call_flow(active.runtime, fallback_call, _options(active, remaining), active.reporter)
    except GPOClientError as second:
        error.add_note(f"the fallback to a whole answer failed too: {second}")
        raise error from second  # what happened to the stream is what the user has to know
    chunk = _remainder(record, answer)
    if chunk is None:
        raise _mismatch(record, answer, error) from error
    record.is_complete = True
    record.add((chunk,))
    if record.chunk_count == 1:
        active.reporter.first_chunk()
    active.reporter.end("complete")  # who leaves at the last chunk has seen it all
    yield from Deliver((chunk,))


def _options(active: ActiveCall, remaining: float | None) -> CreateOptions:
    # The stream may have no limit of its own, an ordinary call has one in any case unless both say none.
    timeouts = [limit for limit in (active.runtime.config.timeout, remaining) if limit is not None]
    options: CreateOptions = {"timeout": min(timeouts, default=None), "max_retries": 0}
    options["headers"] = active.users_headers
    if active.idempotency_key is not None:
        options["idempotency_key"] = active.idempotency_key
    return options


def _remainder(record: StreamRecord, answer: ChatResponse) -> StreamingChunk | None:
    """Return what the stream still owed; None when the answer does not continue what it had delivered."""
    delivered = record.partial
    if delivered.truncated or not answer.message_content.startswith(delivered.content):
        return None
    return StreamingChunk(
        content=answer.message_content[len(delivered.content) :] or None,
        sources=answer.sources,
        is_complete=True,
        metadata={
            "fallback": True,
            "message_id": answer.message_id,
            "model_used": answer.model_used,
            "response_time_ms": answer.response_time_ms,
        },
    )


def _mismatch(record: StreamRecord, answer: ChatResponse, error: StreamError) -> StreamInterruptedError:
    return StreamInterruptedError(
        "the stream was cut short, and the whole answer is not the one that had begun: compare partial.content with"
        " fallback_response.message_content",
        fallback_response=answer,
        partial=record.partial,
        last_event_id=error.last_event_id,
        request_id=error.request_id,
        attempts=error.attempts,
        elapsed=error.elapsed,
    )
