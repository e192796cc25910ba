"""Refusals: what a door says instead of an answer, before its protocol gives it a shape. Sans-I/O."""

from __future__ import annotations

import attrs

from gpo_client.relay import ProblemCode, PublicProblem

_STATUSES = {
    ProblemCode.INVALID_QUESTION: 400,
    # It is the operator's own key that the service refuses, not the caller's.
    ProblemCode.NOT_AUTHORIZED: 502,
    ProblemCode.NOT_FOUND: 404,
    ProblemCode.CONFLICT: 409,
    ProblemCode.RATE_LIMITED: 429,
    ProblemCode.BUSY: 503,
    ProblemCode.UNAVAILABLE: 503,
    ProblemCode.TIMEOUT: 504,
    ProblemCode.INTERRUPTED: 502,
}


@attrs.frozen
class RefusalError(Exception):
    """A request that gets no answer, or not the whole of it.

    Attributes:
        status: The HTTP status.
        message: A sentence for people.
        param: The field of the request that it is about.
        code: For programs.
        retry_after: Seconds until another try is welcome; None: not known.

    >>> RefusalError.of(PublicProblem("busy", "Please wait.")).is_repeatable
    True
    """

    status: int
    message: str
    param: str | None = None
    code: str | None = None
    retry_after: float | None = None

    @classmethod
    def of(cls, problem: PublicProblem) -> RefusalError:
        """Return the refusal for a problem of the relay."""
        return cls(_STATUSES.get(ProblemCode(problem.code), 500), problem.error, None, problem.code)

    @property
    def is_repeatable(self) -> bool:
        """Whether nothing was asked yet, so that another try asks once."""
        return self.status in (429, 503)

    @property
    def headers(self) -> dict[str, str]:
        """Fields of the response's head (RFC 9110)."""
        if self.status == 401:
            return {"WWW-Authenticate": "Bearer"}
        return {} if self.retry_after is None else {"Retry-After": str(max(1, round(self.retry_after)))}
