"""Every error the library raises.

    GPOClientError
    ├─ ConfigurationError                       a setting is wrong; names it and where its value came from
    ├─ InvalidArgumentError                     an argument is wrong; nothing was sent (also a ValueError)
    ├─ CredentialError                          the API key is asked for, and there was none; nothing was sent
    ├─ UsageError                               an object was used in a way it does not support (also a RuntimeError)
    │  └─ WrongRuntimeError                     … with ``for`` or ``with`` of the other kind (also a TypeError)
    ├─ BatchStoppedError                        a batch was stopped, as too many questions had no answer
    ├─ APIStatusError                           the response has an error status
    │  ├─ InvalidRequestError                   400, 422
    │  ├─ AuthenticationError                   401
    │  │  └─ TokenExpiredError                  401 with code ``token_expired``
    │  ├─ PermissionDeniedError                 403
    │  ├─ NotFoundError                         404
    │  ├─ ConflictError                         409
    │  ├─ RateLimitError                        429
    │  └─ ServerError                           5xx
    │     └─ ServiceUnavailableError            503
    ├─ InvalidResponseError                     the response does not follow the contract
    ├─ GPOConnectionError                       no (whole) response arrived (also a builtin ConnectionError)
    │  └─ GPOTimeoutError                       … in time (also a builtin TimeoutError)
    └─ StreamError                              an answer stream failed; ``partial`` holds what had arrived
       ├─ StreamInterruptedError                cut short (also a GPOConnectionError)
       ├─ StreamTimeoutError                    too slow (also a GPOTimeoutError)
       ├─ StreamProtocolError                   a malformed event, or a response that is no stream
       ├─ StreamLimitError                      larger than ``max_event_bytes`` or ``max_stream_bytes``
       └─ StreamServerError                     the server's own ``event: error``

Beside the errors there are warnings: ``InsecureConnectionWarning``, ``UnknownSettingWarning``,
``UnusableProxyWarning``.

Exceptions of the libraries underneath never pass through; they are chained as ``__cause__``.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from gpo_client.printable import one_line

if TYPE_CHECKING:
    from gpo_client.models.answer import ChatResponse
    from gpo_client.models.problem import Problem
    from gpo_client.models.stream import StreamedResponse


_PACKAGE = __name__.partition(".")[0]
# A server may explain itself at any length; ``problem`` holds all of it.
_LONGEST_MESSAGE = 4_000


class _DetailsBesideStatus(TypedDict, total=False):
    code: str | None
    request_id: str | None
    attempts: int
    elapsed: float | None


class ErrorDetails(_DetailsBesideStatus, total=False):
    """Details that every error may carry besides its message."""

    status_code: int | None


class GPOClientError(Exception):
    """The root of all errors of this library.

    Attributes:
        message: One sentence: what happened and, where there is one, the remedy. Also ``str(error)``. It is one line
            without control characters, whatever the server has sent, so that it can be printed and logged.
        code: The machine-readable code of the server's problem document, such as ``"token_expired"``.
        request_id: The ``X-Request-ID`` of the request, for a report to the service's operators.
        status_code: The HTTP status, when a response arrived.
        attempts: How many requests were sent; 0 when none was.
        elapsed: Seconds from the beginning of the call to the failure, when the call was under way.
        waited: Seconds of these that the client's own limits held the call back (``max_concurrency``,
            ``requests_per_second``, ``adaptive``).
    """

    def __init__(self, message: str, **details: Unpack[ErrorDetails]) -> None:
        line = one_line(message)
        self.message = line if len(line) <= _LONGEST_MESSAGE else f"{line[:_LONGEST_MESSAGE]}…"
        super().__init__(self.message)
        self.code = details.get("code")
        self.request_id = details.get("request_id")
        self.status_code = details.get("status_code")
        self.attempts = details.get("attempts", 0)
        self.elapsed = details.get("elapsed")
        self.waited = 0.0

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors cross process borders (worker pools, task queues). The default protocol would call the class with
        # its positional arguments only and fail on the required keywords.
        return (_rebuild, (type(self), self.args, self.__dict__))


def _rebuild(kind: type[GPOClientError], args: tuple[Any, ...], state: dict[str, Any]) -> GPOClientError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(GPOClientError):
    """A setting is missing, unknown or has an impossible value.

    Attributes:
        setting: The name of the setting, such as ``"timeout"``; None when the whole source could not be read.
        origin: Where the value came from: an argument, a file, an environment variable.
    """

    def __init__(self, message: str, *, setting: str | None = None, origin: str | None = None) -> None:
        super().__init__(message)
        self.setting = setting
        self.origin = origin


class InvalidArgumentError(GPOClientError, ValueError):
    """An argument cannot be right; found before anything was sent.

    Attributes:
        field: The argument or the field of the request, such as ``"request.query"``.
    """

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class CredentialError(GPOClientError):
    """The API key is asked for, and there was none: what ``api_key`` is, or was asked of, failed. That is chained."""


class UsageError(GPOClientError, RuntimeError):
    """An object was used in a way it does not support: closed, consumed twice, or as if it were blocking."""


class WrongRuntimeError(UsageError, TypeError):
    """An asynchronous object was used as if it were blocking, or the other way round: ``for`` for ``async for``."""


class BatchStoppedError(GPOClientError):
    """A batch was stopped, as more questions had no answer than it was told to accept (``stop_after``).

    All results that there are have been handed out before; the error of the last one is the ``__cause__``.
    """


class APIStatusError(GPOClientError):
    """The response has an error status.

    Attributes:
        status_code: The HTTP status.
        problem: The RFC 9457 problem document of the response; None when the body was not one.
        retry_after: Seconds the server asks to wait before the next try (RFC 9110 §10.2.3), when it says so.
    """

    status_code: int

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        problem: Problem | None = None,
        retry_after: float | None = None,
        **details: Unpack[_DetailsBesideStatus],
    ) -> None:
        super().__init__(message, status_code=status_code, **details)
        self.problem = problem
        self.retry_after = retry_after


class InvalidRequestError(APIStatusError):
    """The server refused the request as invalid (400, 422). ``field`` names the offending field, when known."""

    @property
    def field(self) -> str | None:
        """The offending field of the request, as the server names it."""
        return self.problem.field if self.problem else None


class AuthenticationError(APIStatusError):
    """The token or API key is missing or not valid (401)."""


class TokenExpiredError(AuthenticationError):
    """The session's token has expired (401, code ``token_expired``): open a new session."""


class PermissionDeniedError(APIStatusError):
    """The token is valid but may not do this (403)."""


class NotFoundError(APIStatusError):
    """Something that the request names does not exist, or belongs to somebody else (404)."""


class ConflictError(APIStatusError):
    """The request contradicts the state on the server (409), such as a reused idempotency key."""


class RateLimitError(APIStatusError):
    """Too many requests (429). ``retry_after`` is the wait the server asks for, in seconds."""


class ServerError(APIStatusError):
    """The server failed (5xx)."""


class ServiceUnavailableError(ServerError):
    """The service is down or overloaded for now (503). ``retry_after`` as in :class:`RateLimitError`."""


class InvalidResponseError(GPOClientError):
    """The response does not follow the contract: wrong content type, no JSON, a field missing or of the wrong type.

    Attributes:
        path: Where in the body it went wrong, such as ``"$.sources[0].title"``; None when the body as a whole is wrong.
    """

    def __init__(self, message: str, *, path: str | None = None, **details: Unpack[ErrorDetails]) -> None:
        super().__init__(message, **details)
        self.path = path


class GPOConnectionError(GPOClientError, ConnectionError):
    """The server could not be reached, or the connection broke before the whole response was there."""


class GPOTimeoutError(GPOConnectionError, TimeoutError):
    """The server did not answer in time."""


class StreamError(GPOClientError):
    """An answer stream failed.

    Attributes:
        partial: Everything received before the failure.
        last_event_id: The id of the last event received, from which the stream could be continued.
    """

    def __init__(
        self,
        message: str,
        *,
        partial: StreamedResponse,
        last_event_id: str | None = None,
        **details: Unpack[ErrorDetails],
    ) -> None:
        super().__init__(message, **details)
        self.partial = partial
        self.last_event_id = last_event_id


class StreamInterruptedError(StreamError, GPOConnectionError):
    """The stream was cut short: it ended, or its connection broke, before the final chunk.

    Attributes:
        fallback_response: The whole answer that the fallback got, when it does not continue ``partial``.
    """

    def __init__(
        self,
        message: str,
        *,
        partial: StreamedResponse,
        last_event_id: str | None = None,
        fallback_response: ChatResponse | None = None,
        **details: Unpack[ErrorDetails],
    ) -> None:
        super().__init__(message, partial=partial, last_event_id=last_event_id, **details)
        self.fallback_response = fallback_response


class StreamTimeoutError(StreamError, GPOTimeoutError):
    """The stream was too slow for one of its deadlines."""


class StreamProtocolError(StreamError):
    """The server sent a malformed event, or something that is no event stream."""


class StreamLimitError(StreamError):
    """An event is larger than ``max_event_bytes``, the stream than ``max_stream_bytes``, or it inflates without end."""


class StreamServerError(StreamError):
    """The server ended the stream with an error of its own (``event: error``).

    Attributes:
        problem: The RFC 9457 problem document it sent.
    """

    def __init__(
        self,
        message: str,
        *,
        problem: Problem,
        partial: StreamedResponse,
        last_event_id: str | None = None,
        **details: Unpack[ErrorDetails],
    ) -> None:
        super().__init__(message, partial=partial, last_event_id=last_event_id, **details)
        self.problem = problem


class InsecureConnectionWarning(UserWarning):
    """A client connects without verifying who answers: ``verify_ssl`` is off. Given once for each client."""


class UnknownSettingWarning(UserWarning):
    """An environment variable has our prefix and names no setting. Given once for each time that they are read."""


class UnusableProxyWarning(UserWarning):
    """The environment names a proxy that cannot be used; connections go past it."""


def warn_user(message: str, category: type[Warning]) -> None:
    """Warn, by a category of ours, of something in the program that uses this library, with the remedy."""
    import inspect  # not for importing the package

    ours, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        ours, frame = ours + 1, frame.f_back
    warnings.warn(message, category, stacklevel=ours + 1)


def warn_deprecated(what: str, instead: str, *, removed_in: str) -> None:
    """Warn of a name, a parameter or a setting that is going away, and of what to write instead.

    `make release` refuses the version that it was for (``removed_in``, such as ``"0.4.0"``).
    """
    warn_user(f"{what} is deprecated and goes away in {removed_in}; use {instead}", DeprecationWarning)


def __getattr__(name: str) -> Any:
    if name != "WrongWorldError":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warn_deprecated(f"{__name__}.{name}", WrongRuntimeError.__name__, removed_in="0.3.0")
    return WrongRuntimeError
