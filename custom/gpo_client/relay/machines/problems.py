"""What a browser is told when something goes wrong: a code for programs and a sentence for people, nothing else.

The texts of upstream errors stay in the service: they may name hosts, users or parts of questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import attrs

from gpo_client.exceptions import (
    AuthenticationError,
    ConflictError,
    GPOClientError,
    GPOConnectionError,
    GPOTimeoutError,
    InvalidArgumentError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    StreamError,
    StreamServerError,
)


class ProblemCode(StrEnum):
    """The kinds of problems a browser can be told; the values are what it reads."""

    INVALID_QUESTION = "invalid_question"
    NOT_AUTHORIZED = "not_authorized"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    RATE_LIMITED = "rate_limited"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    TOO_LONG = "too_long"
    EXPIRED = "stream_expired"
    INTERNAL = "internal_error"


_SENTENCES: dict[ProblemCode, str] = {
    ProblemCode.INVALID_QUESTION: "This question cannot be asked. Please check it and try again.",
    ProblemCode.NOT_AUTHORIZED: "You are not signed in to the assistant any more. Please sign in again.",
    ProblemCode.NOT_FOUND: "This conversation does not exist any more. Please start a new one.",
    ProblemCode.CONFLICT: "This conversation takes no more questions. Please start a new one.",
    ProblemCode.RATE_LIMITED: "There are too many questions at the moment. Please try again shortly.",
    ProblemCode.BUSY: "The service is busy at the moment. Please try again shortly.",
    ProblemCode.UNAVAILABLE: "The assistant cannot be reached at the moment. Please try again later.",
    ProblemCode.TIMEOUT: "The assistant took too long to answer. Please try again.",
    ProblemCode.INTERRUPTED: "The answer was interrupted. Please ask again.",
    ProblemCode.STOPPED: "The answer was stopped.",
    ProblemCode.TOO_LONG: "The answer is longer than this service can pass on.",
    ProblemCode.EXPIRED: "This answer cannot be continued any more. Please ask again.",
    ProblemCode.INTERNAL: "Something went wrong. Please try again.",
}

# The first that fits decides, so the particular ones come first.
_KINDS: tuple[tuple[type[GPOClientError], ProblemCode], ...] = (
    (RateLimitError, ProblemCode.RATE_LIMITED),
    (AuthenticationError, ProblemCode.NOT_AUTHORIZED),
    (PermissionDeniedError, ProblemCode.NOT_AUTHORIZED),
    (NotFoundError, ProblemCode.NOT_FOUND),
    (ConflictError, ProblemCode.CONFLICT),
    (InvalidRequestError, ProblemCode.INVALID_QUESTION),
    (InvalidArgumentError, ProblemCode.INVALID_QUESTION),
    (ServerError, ProblemCode.UNAVAILABLE),
    (GPOTimeoutError, ProblemCode.TIMEOUT),
    (StreamServerError, ProblemCode.UNAVAILABLE),
    (StreamError, ProblemCode.INTERRUPTED),
    (GPOConnectionError, ProblemCode.UNAVAILABLE),
)


@attrs.frozen
class PublicProblem:
    """A problem as a browser is told it.

    Attributes:
        code: For programs; one of the values of ``ProblemCode``.
        error: For people: one sentence.

    >>> PublicProblem.of(RateLimitError("tenant 4711 is over its quota", status_code=429)).code
    'rate_limited'
    """

    code: str
    error: str

    @classmethod
    def of(cls, what: BaseException | ProblemCode, sentences: Mapping[str, str] | None = None) -> PublicProblem:
        """Return the problem for an error of the library, or for a code.

        Args:
            what: The error or the code; other errors are internal ones.
            sentences: Sentences by code that replace the usual English ones.
        """
        code = what if isinstance(what, ProblemCode) else _code_of(what)
        return cls(code.value, (sentences or {}).get(code.value) or _SENTENCES[code])


def _code_of(error: BaseException) -> ProblemCode:
    return next((code for kind, code in _KINDS if isinstance(error, kind)), ProblemCode.INTERNAL)
