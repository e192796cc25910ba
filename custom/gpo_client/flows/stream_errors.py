"""The errors of a stream, each with what had been received and the story of the attempts."""

from __future__ import annotations

from typing import Any, TypeVar

from gpo_client.exceptions import (
    GPOTimeoutError,
    StreamError,
    StreamInterruptedError,
    StreamLimitError,
    StreamProtocolError,
    StreamServerError,
    StreamTimeoutError,
)
from gpo_client.flows.active_call import ActiveCall
from gpo_client.flows.deadlines import StreamDeadlines
from gpo_client.flows.effects import Opened
from gpo_client.flows.heads import media_type
from gpo_client.flows.resume import Disconnect
from gpo_client.models.problem import Problem
from gpo_client.sse.compression import InflationError
from gpo_client.sse.decoder import oversized_message
from gpo_client.sse.ends import Malformed, Overlong, Oversized, ServerProblem
from gpo_client.sse.event_kinds import find_problem
from gpo_client.text.record import StreamRecord

E = TypeVar("E", bound=StreamError)


class StreamErrors:
    """Makes the errors of one stream.

    Args:
        active: The call under way.
        record: What has been received.
        deadlines: What may have passed.
    """

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
        return self._error(StreamTimeoutError, error.message, error)

    def interrupted(self, broken: Disconnect) -> StreamError:
        """Return the error of a connection that is lost for good."""
        if broken.timeout:
            return self.too_slow(broken.cause)
        resumes = f", continued {self._record.resume_count} times" if self._record.resume_count else ""
        names = f"; {self._record.names.story}" if self._record.names.story else ""
        message = f"the stream was cut short {self._progress()}{resumes}: {broken.reason}{names}"
        return self._error(StreamInterruptedError, message, broken.cause)

    def damaged(self, error: ValueError) -> StreamError:
        """Return the error of a body that cannot be decompressed, or not to a sensible size."""
        kind = StreamLimitError if isinstance(error, InflationError) else StreamProtocolError
        return self._error(kind, str(error), error)

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

    def no_stream(self, head: Opened, body: bytes = b"", beginning: str = "") -> StreamError:
        """Return the error of a good response that is no stream.

        Args:
            head: Its head.
            body: Its body, if that is JSON: it may say why there is no stream.
            beginning: How its body begins, if its head does not say what it is.
        """
        what = f"{head.status} and {media_type(head) or 'no content type'}"
        base_url = self._active.runtime.config.base_url
        message = f"a stream was asked for, but {base_url} answered with {what}"
        if (problem := find_problem(body)) is not None:
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
