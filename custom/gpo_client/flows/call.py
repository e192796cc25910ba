"""Ordinary calls: a request, its whole response, a model or an exception; and those that open and end a session."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import attrs

from gpo_client.exceptions import APIStatusError, GPOClientError, InvalidResponseError
from gpo_client.flows.active_call import ActiveCall, Runtime
from gpo_client.flows.call_reporter import CallReporter
from gpo_client.flows.deadlines import Deadline
from gpo_client.flows.effects import Close, Compute, Failure, FailureKind, Flow, Opened
from gpo_client.flows.error_mapping import connection_error, redirect_error, status_error
from gpo_client.flows.options import CallOptions, CreateOptions
from gpo_client.flows.response import Body, TooLong, charset, media_type, read_whole
from gpo_client.flows.retry import FailedAttempt, connection_failed, status_failed, with_retries
from gpo_client.models.json_text import BYTES_A_VALUE, has_too_many_values
from gpo_client.models.portable import came_with
from gpo_client.models.secret import SecretBytes
from gpo_client.models.session import Session
from gpo_client.operations.call import Call, read_response
from gpo_client.sse.event_kinds import find_problem

T = TypeVar("T")

# Problem documents are small; of anything else that comes with an error status, the beginning is enough.
_PROBLEM_BYTES = 64 * 1024

# What servers say of JSON when they say nothing: the body tells.
_MAY_BE_JSON = ("", "text/plain", "application/octet-stream")

# A response this large is read where it keeps nobody waiting: at worst, to read it takes some ten milliseconds.
_LARGE = 16 * 1024

_ACCEPT = "application/json, application/problem+json"


def call_flow(runtime: Runtime, call: Call[T], options: CallOptions, within: CallReporter | None = None) -> Flow[T]:
    """Send a call, perhaps within another one, and read its whole response. Raises GPOClientError if that fails."""
    active = ActiveCall(runtime, call, options, accept=_ACCEPT)
    timeout = options.get("timeout", runtime.config.timeout)

    def attempt() -> Flow[T | FailedAttempt]:
        deadline = active.deadline(timeout)
        head = yield from open_response(active, deadline)
        if isinstance(head, FailedAttempt):
            return head
        if call.decoder is not None:
            _check_media_type(active, head)  # before the body: of an endless stream there is no end to wait for
        limit = BodyLimit(runtime.config.max_response_bytes, "max_response_bytes")
        body = yield from read_body(active, head, limit, deadline)
        yield from Close()
        if isinstance(body, FailedAttempt):
            return body
        body = SecretBytes(body)  # it may hold a token, and tracebacks may show the variables of every frame
        read = partial(_read, active, head, body, call)
        return read() if len(body) <= _LARGE else (yield from _read_aside(active, read, deadline))

    return (yield from active.watched(with_retries(active, attempt), within=within))


def open_response(
    active: ActiveCall, deadline: Deadline, headers: dict[str, str] | None = None
) -> Flow[Opened | FailedAttempt]:
    """Send the request once and judge the head of the response; anything but success is a failed attempt. Raises
    InvalidResponseError: the response is a redirect.
    """
    head = yield from active.send(deadline.remaining, headers)
    if isinstance(head, Failure):
        return connection_failed(connection_error(head, active.error_context), head)
    if head.status >= 400:
        return (yield from _status_failure(active, head, deadline))
    if head.status >= 300:
        raise redirect_error(head, active.error_context)
    return head


@attrs.frozen
class BodyLimit:
    """How long a body may be, which setting says so, and what to do about it."""

    size: int
    setting: str
    remedy: str = "raise that if it is to be expected"

    @property
    def message(self) -> str:
        """The sentence about a longer one."""
        return f"the response is longer than {self.setting} ({self.size}); {self.remedy}"


def read_body(
    active: ActiveCall,
    head: Opened,
    limit: BodyLimit,
    deadline: Deadline,
    on_bytes: Callable[[int], None] | None = None,
) -> Flow[bytes | FailedAttempt]:
    """Return the whole body of a good response; a failed attempt when the connection breaks before its end.

    ``on_bytes`` is called with the number of bytes so far. Raises InvalidResponseError: it is damaged, or too long.
    """
    try:
        body = yield from read_whole(Body(head), limit.size, deadline, on_bytes)
    except ValueError as error:
        raise active.invalid(head, str(error)) from error
    if isinstance(body, Failure):
        return connection_failed(connection_error(body, active.error_context), body)
    if isinstance(body, TooLong):
        raise active.invalid(head, limit.message)
    return body


def _status_failure(active: ActiveCall, head: Opened, deadline: Deadline) -> Flow[FailedAttempt]:
    """Return the failed attempt of an error status. A body that cannot be read must not hide the status."""
    body = yield from _beginning(head, deadline)
    yield from Close()
    read = partial(status_error, head, body, active.error_context)
    error = (yield from Compute(read)) if len(body) > _LARGE else None
    return status_failed(error if isinstance(error, APIStatusError) else read())


def _beginning(head: Opened, deadline: Deadline) -> Flow[bytes]:
    try:
        body = yield from read_whole(Body(head), _PROBLEM_BYTES, deadline)
    except ValueError:
        return b""
    return body if isinstance(body, bytes) else b""


def read_words(head: Opened, deadline: Deadline) -> Flow[str]:
    """Return what a response that is none, though its status is good, says of an error: the end of a sentence."""
    return _words((yield from _beginning(head, deadline))) if "json" in media_type(head) else ""


def _words(body: bytes) -> str:
    problem = find_problem(body) if len(body) <= _PROBLEM_BYTES else None
    return f": {problem.summary}" if problem else ""


def _check_media_type(active: ActiveCall, head: Opened) -> None:
    if "json" not in media_type(head) and media_type(head) not in _MAY_BE_JSON:
        raise active.invalid(head, _not_json(active, head))


def _not_json(active: ActiveCall, head: Opened) -> str:
    response = f"{head.status} and {media_type(head) or 'no content'}"
    return f"{active.call.operation} was answered with {response} instead of JSON"


def _read_aside(active: ActiveCall, read: Callable[[], T], deadline: Deadline) -> Flow[T | FailedAttempt]:
    """Return what ``read`` makes of a large response, within the call's time."""
    outcome = yield from Compute(partial(_outcome, read), deadline.remaining)
    if isinstance(outcome, Failure) or deadline.expired:
        late = Failure(FailureKind.TIMEOUT, "the response came, but reading it took too long")
        return connection_failed(connection_error(late, active.error_context), late)
    if isinstance(outcome, GPOClientError):
        raise outcome
    return outcome


def _outcome(read: Callable[[], T]) -> T | GPOClientError:
    try:
        return read()
    except GPOClientError as error:
        return error


def _check_values(active: ActiveCall, head: Opened, body: bytes) -> None:
    """Refuse a response that is cheap to send and dear to read."""
    if has_too_many_values(body, active.runtime.config.max_response_bytes):
        words = f"which is one for each {BYTES_A_VALUE} bytes of it"
        raise active.invalid(head, f"the response has more values than max_response_bytes allows, {words}")


def _read(active: ActiveCall, head: Opened, body: bytes, call: Call[T]) -> T:
    if call.decoder is None:
        # The contract says 204. Another success that says more has succeeded all the same.
        return None  # type: ignore[return-value]
    if len(body) > _LARGE:
        _check_values(active, head, body)
    try:
        return came_with(read_response(call.decoder, body, charset(head)), active.origin(head))
    except InvalidResponseError as error:
        # Without the frames that hold the decoded response.
        is_json = error.path is not None or "json" in media_type(head)
        message = error.message if is_json else _not_json(active, head)
        raise active.invalid(head, message + _words(body), path=error.path) from error.with_traceback(None)


def open_session_flow(runtime: Runtime, call: Call[Session], options: CreateOptions) -> Flow[Session]:
    """Open a session and remember how."""
    session = yield from call_flow(runtime, call, options)
    if runtime.config.auto_renew_token:
        # Not under the same idempotency key: that would give the same session, with the token that has expired.
        again: CallOptions = {"headers": options.get("headers", {})}
        runtime.tokens.remember(session, lambda within: call_flow(runtime, call, again, within))
    return session


def end_session_flow(runtime: Runtime, call: Call[None], options: CallOptions) -> Flow[None]:
    """End a session and forget it."""
    yield from call_flow(runtime, call, options)
    if call.token is not None:
        runtime.tokens.forget(call.token)
