"""Exceptions for a response's head or a network failure: which one, in which words, with what can be done about it."""

from __future__ import annotations

import re
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import attrs

from gpo_client.config.rules import is_loopback
from gpo_client.config.settings import START_SANDBOX
from gpo_client.exceptions import (
    APIStatusError,
    AuthenticationError,
    ConflictError,
    GPOConnectionError,
    GPOTimeoutError,
    InvalidRequestError,
    InvalidResponseError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    ServiceUnavailableError,
    TokenExpiredError,
)
from gpo_client.flows.deadlines import LimitWait
from gpo_client.flows.effects import NOT_CONNECTED, TIMEOUTS, Failure, FailureKind, Opened
from gpo_client.flows.response import charset, media_type, parse_retry_after, request_id
from gpo_client.limits import LimitReason
from gpo_client.models.json_text import UNREADABLE, decode_json
from gpo_client.models.problem import Problem, problem_from
from gpo_client.models.secret import Secret

_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: InvalidRequestError,
    429: RateLimitError,
    503: ServiceUnavailableError,
}

# What any server says to a request that was meant for another.
_PERHAPS_ELSEWHERE = frozenset({400, 401, 403, 404, 405, 406, 410, 415, 421, 501})

# The beginning of a JSON object, after a byte order mark if there is one.
_OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")

_LIMITS: dict[LimitReason, str] = {
    "max_concurrency": "the setting max_concurrency",
    "requests_per_second": "the setting requests_per_second",
    "retry_after": "a pause that the service has asked for (Retry-After)",
    "adaptive": "what the service was found to take (the setting adaptive)",
}


@attrs.frozen
class ErrorContext:
    """The context of an error, which tells besides its cause where the request went, and what had been tried.

    ``secret`` is the bearer of the request, which no error tells; ``now`` the time here, to count a date from.
    """

    base_url: str
    request_id: str | None = None
    attempts: int = 1
    elapsed: float | None = None
    secret: Secret = Secret()
    now: datetime | None = None


def status_error(head: Opened, body: bytes, error_context: ErrorContext) -> APIStatusError:
    """Return the exception for an error status, with the body, or the beginning of it."""
    problem = _read_problem(head, body, error_context.secret)
    return _kind(head.status, problem)(
        _describe(head, body, problem, error_context.base_url),
        status_code=head.status,
        problem=problem,
        code=problem.code if problem else None,
        retry_after=parse_retry_after(head.headers, error_context.now),
        request_id=request_id(head, problem) or error_context.request_id,
        attempts=error_context.attempts,
        elapsed=error_context.elapsed,
    )


def redirect_error(head: Opened, error_context: ErrorContext) -> InvalidResponseError:
    """Return the exception for a redirect.

    It is not followed: the bearer must not travel to an address nobody configured.
    """
    return InvalidResponseError(
        f"the server at {error_context.base_url} redirects ({head.status}) to {_target(head)}; redirects are not"
        " followed: set base_url to the address of the API itself",
        status_code=head.status,
        request_id=request_id(head) or error_context.request_id,
        attempts=error_context.attempts,
        elapsed=error_context.elapsed,
    )


def connection_error(failure: Failure, error_context: ErrorContext) -> GPOConnectionError:
    """Return the exception for a request that got no response, chained to the transport's own."""
    kind = GPOTimeoutError if failure.kind in TIMEOUTS else GPOConnectionError
    error = kind(
        f"no response from {error_context.base_url}: {failure}{remedy(failure, error_context.base_url)}",
        request_id=error_context.request_id,
        attempts=error_context.attempts,
        elapsed=error_context.elapsed,
    )
    error.__cause__ = failure.cause
    return error


def limit_error(wait: LimitWait, error_context: ErrorContext) -> GPOTimeoutError:
    """Return the exception for a request that was not sent, because its turn did not come in time."""
    return GPOTimeoutError(
        f"timeout after {wait.seconds:.1f} s of waiting for a turn to ask {error_context.base_url}, because of"
        f" {_LIMITS[wait.reason]}: ask less at once, or give the call a longer timeout",
        request_id=error_context.request_id,
        attempts=error_context.attempts,
        elapsed=error_context.elapsed,
    )


def _target(head: Opened) -> str:
    """Return where a redirect points, without what may be a secret: user, password and query.

    What is before the last at sign is the user's also where it is in the path: nobody has encoded the slashes of a
    password then, or written two before it.
    """
    try:
        target = urlsplit(head.headers.get("location", ""))
        _ = target.port  # a password that ends what would be the host, for one
    except ValueError:
        return "an address that is none"
    scheme = f"{target.scheme}://".removeprefix(":") if target.netloc else ""
    return scheme + (target.netloc + target.path).rpartition("@")[2] or "nowhere"


def _kind(status: int, problem: Problem | None) -> type[APIStatusError]:
    if status == HTTPStatus.UNAUTHORIZED and problem and problem.code == "token_expired":
        return TokenExpiredError
    return _BY_STATUS.get(status, ServerError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else APIStatusError)


def _read_problem(head: Opened, body: bytes, secret: Secret) -> Problem | None:
    # What says that it is JSON, and what does not say what it is but looks like it.
    if "json" not in head.headers.get("content-type", "").lower() and not _OBJECT.match(body):
        return None
    try:
        raw = decode_json(body, charset(head))
    except UNREADABLE:
        return None
    problem = problem_from(raw).without(secret)
    return problem if isinstance(raw, dict) or problem != Problem() else None


def _describe(head: Opened, body: bytes, problem: Problem | None, base_url: str) -> str:
    status = f"{head.status} {_phrase(head.status)}".strip()
    if problem is None:
        if (told := remedy_for_status(head.status, body, base_url)) is not None:
            return f"{status}: {told}"
        what = media_type(head) or "no content type"
        hint = (
            "is the base URL right?" if head.status in _PERHAPS_ELSEWHERE else "it may be of a proxy before the service"
        )
        return f"{status}: {base_url} answered with {what} instead of a problem document; {hint}"
    field = f" (field: {problem.field})" if problem.field else ""
    return f"{status}: {problem.summary}{field}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # a status nobody registered is still a status
        return ""


# A client's TLS record was answered with text: how OpenSSL says so, before version 3.2 and since.
_TEXT_FOR_TLS = re.compile(r"wrong.version.number|record.layer.failure|packet.length.too.long", re.IGNORECASE)
# A TLS alert record (RFC 8446 §5.1), as bytes or as Python writes them.
_TLS_FOR_TEXT = re.compile(r"(?:\x15|\\x15)(?:\x03|\\x03)")
_NAME_AUTHORITY = (
    "; if its issuer is your company's, name that in ca_bundle (GPO_API_CA_BUNDLE, or SSL_CERT_FILE), or have it added"
    " to the system's store"
)
_SHOW_CERTIFICATE = "set client_cert and client_key (GPO_API_CLIENT_CERT, GPO_API_CLIENT_KEY)"
# What can be done about a failed handshake, in the words of several versions of OpenSSL and of the systems' verifiers.
_TLS_REMEDIES = tuple(
    (re.compile(words, re.IGNORECASE), told)
    for words, told in (
        (
            r"alert.*(?:certificate|unknown.ca|access.denied|handshake.failure)",
            f"; the server wants a certificate of yours, or another one: {_SHOW_CERTIFICATE}",
        ),
        ("self.signed|unable to get|not trusted", _NAME_AUTHORITY),
        ("has expired", "; is the clock of this machine right? Else those who run the server must renew it"),
        ("not yet valid", "; is the clock of this machine right?"),
        ("mismatch|not valid for", "; base_url (GPO_API_BASE_URL) must name the host as its certificate does"),
    )
)
# How servers and proxies say that with a status of their own.
_WANTS_CERTIFICATE = re.compile(rb"no required ssl certificate|ssl certificate error", re.IGNORECASE)
_PROXY = "proxy (GPO_API_PROXY), or HTTPS_PROXY, HTTP_PROXY, ALL_PROXY"
_CREDENTIALS = f"; put its name and password into the address of the proxy, http://NAME:PASSWORD@HOST:PORT ({_PROXY})"
_WANTS_CREDENTIALS = re.compile(r"it answers 40[17]\b|password")
_BY_KIND = {
    FailureKind.PROXY_DENIED: f"; is this the proxy to use ({_PROXY})? NO_PROXY names what goes past it",
    FailureKind.PROXY_FAILED: f"; is that where it is ({_PROXY})? NO_PROXY names what goes past it",
    FailureKind.LOCAL_LIMIT: "; raise its limit (ulimit -n), or lower max_connections (GPO_API_MAX_CONNECTIONS)",
    FailureKind.NO_FREE_CONNECTION: "; raise that (GPO_API_MAX_CONNECTIONS), or close the streams that nobody reads",
}
# How servers of several makes say that their port wants TLS, with status 400.
_WANTS_TLS = re.compile(rb"http request (?:was sent )?to (?:an )?https|plain http to an (?:ssl|tls)", re.IGNORECASE)
# Longer pages are about something else.
_LONGEST_HINT = 4096


def remedy(failure: Failure, base_url: str) -> str:
    """Return the end of the sentence about a request that got no response; empty where nobody can know."""
    address = urlsplit(base_url)
    detail = failure.detail or ""
    if failure.kind is FailureKind.TLS:
        is_text = _TEXT_FOR_TLS.search(detail) is not None
        return f": the server at {address.netloc} speaks http, not https" if is_text else _remedy_for_tls(detail)
    if failure.kind is FailureKind.PROTOCOL and address.scheme == "http" and _TLS_FOR_TEXT.search(detail):
        return f": the server at {address.netloc} speaks https, not http"
    if failure.kind in _BY_KIND:
        return _CREDENTIALS if _WANTS_CREDENTIALS.search(detail) else _BY_KIND[failure.kind]
    if failure.kind is FailureKind.CONNECTION_REFUSED and is_loopback(address.hostname or ""):
        return (
            "; is the server running? Set GPO_API_BASE_URL (or base_url=) to its address, or start the sandbox with"
            f" '{START_SANDBOX}'"
        )
    return "; is its address right (GPO_API_BASE_URL, or base_url=)?" if failure.kind in NOT_CONNECTED else ""


def _remedy_for_tls(detail: str) -> str:
    return next((told for words, told in _TLS_REMEDIES if words.search(detail)), "")


def remedy_for_status(status: int, body: bytes, base_url: str) -> str | None:
    """Return what an error status without a problem document means, where it is not from the service itself."""
    beginning = body[:_LONGEST_HINT]
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return f"the proxy wants to know who asks{_CREDENTIALS}"
    if base_url.startswith("http:") and _WANTS_TLS.search(beginning):
        return f"the server at {base_url.removeprefix('http://')} speaks https, not http"
    if _WANTS_CERTIFICATE.search(beginning):
        return f"{base_url} wants a certificate of yours, or another one: {_SHOW_CERTIFICATE}"
    return None
