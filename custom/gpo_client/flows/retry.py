"""Retries: which failures are worth another attempt, and which requests may be repeated."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TypeVar

import attrs

from gpo_client.exceptions import APIStatusError, GPOConnectionError, GPOTimeoutError
from gpo_client.flows.active_call import ActiveCall
from gpo_client.flows.effects import NOT_CONNECTED, Failure, FailureKind, Flow
from gpo_client.flows.observers import RetryDetails

T = TypeVar("T")

#: Statuses that may be gone the next time. Those from 520 on are nobody's standard: proxies before a service say with
#: 520 to 524 that it is down or slow, and services of models with 529 that they are overloaded.
TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})

#: Failures that may be gone the next time. A timeout while waiting is not among them: the wait was the limit that the
#: caller set, and TLS and protocol errors are matters of configuration.
TRANSIENT_FAILURES = frozenset(
    {
        FailureKind.CONNECTION_REFUSED,
        FailureKind.UNREACHABLE,
        FailureKind.CONNECT_TIMEOUT,
        FailureKind.PROXY_FAILED,
        FailureKind.LOCAL_LIMIT,
        FailureKind.RESET,
        FailureKind.CUT,
    }
)


@attrs.frozen
class FailedAttempt:
    """A try that failed."""

    error: APIStatusError | GPOConnectionError  # what to raise if it was the last one
    transient: bool  # whether the next one may succeed
    unseen: bool = False  # whether the server cannot have seen the request

    @property
    def silent(self) -> bool:
        """Whether nothing came until the wait for the response was over."""
        return isinstance(self.error, GPOTimeoutError) and not self.transient


def connection_failed(error: GPOConnectionError, failure: Failure) -> FailedAttempt:
    """Return the failed attempt of a connection that failed."""
    return FailedAttempt(error, failure.kind in TRANSIENT_FAILURES, unseen=failure.kind in NOT_CONNECTED)


def status_failed(error: APIStatusError) -> FailedAttempt:
    """Return the failed attempt of an error status."""
    return FailedAttempt(error, error.status_code in TRANSIENT_STATUSES)


def one_attempt(active: ActiveCall, attempt: Callable[[], Flow[T | FailedAttempt]]) -> Flow[T | FailedAttempt]:
    """Return the outcome of one attempt: of its repetition, if its token or key was not accepted and could be renewed.

    ``attempt`` makes one try, from opening to letting go.
    """
    while True:
        yield from active.prepare()
        outcome = yield from attempt()
        if not isinstance(outcome, FailedAttempt) or not (yield from active.renew(outcome.error)):
            return outcome


def with_retries(
    active: ActiveCall, attempt: Callable[[], Flow[T | FailedAttempt]], time_left: Callable[[], float] = lambda: inf
) -> Flow[T]:
    """Return the outcome of the first attempt that succeeds. Raises GPOClientError, the error of the last.

    ``attempt`` makes one try, from opening to letting go; ``time_left`` is seconds until trying is no use any more.
    """
    policy, failures = active.retry, 0
    while True:
        outcome = yield from one_attempt(active, attempt)
        if not isinstance(outcome, FailedAttempt):
            return outcome
        failures += 1
        asked = outcome.error.retry_after if isinstance(outcome.error, APIStatusError) else None
        left = time_left()
        delay = policy.delay(failures, random=active.runtime.random(), elapsed=active.elapsed, asked=asked, left=left)
        repeatable = outcome.transient and (active.repeatable or outcome.unseen)
        if delay is None or delay >= left or not repeatable:
            raise outcome.error
        active.reporter.retrying(_details(active, outcome, delay))
        yield from active.sleep(delay)


def _details(active: ActiveCall, failed: FailedAttempt, delay: float) -> RetryDetails:
    return RetryDetails(
        operation=active.call.operation,
        attempt=active.attempts,
        delay=delay,
        reason=failed.error.message,
        status_code=failed.error.status_code,
        request_id=failed.error.request_id,
        elapsed=active.elapsed,
    )
