"""What errors advise when no answer came: only what is likely."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gpo_client.config.settings import START_SANDBOX
from gpo_client.exceptions import (
    APIStatusError,
    AuthenticationError,
    ConflictError,
    GPOClientError,
    GPOConnectionError,
    GPOTimeoutError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    ServiceUnavailableError,
    TokenExpiredError,
)
from gpo_client.flows.deadlines import LimitWait
from gpo_client.flows.effects import Failure, FailureKind, Opened
from gpo_client.flows.error_mapping import (
    ErrorContext,
    connection_error,
    limit_error,
    redirect_error,
    remedy,
    status_error,
)
from gpo_client.models import Problem, Secret

_OURS, _FAR = "http://127.0.0.1:8760", "https://gpo.example.com"


@pytest.mark.parametrize("base_url", [_OURS, "http://localhost:8760", "http://[::1]:8760"])
def test_refused_on_this_machine(base_url: str) -> None:
    """Probably nobody has started the server."""
    told = remedy(Failure(FailureKind.CONNECTION_REFUSED), base_url)
    assert "is the server running?" in told
    assert f"'{START_SANDBOX}'" in told


@pytest.mark.parametrize("kind", FailureKind)
@pytest.mark.parametrize("base_url", [_OURS, _FAR])
def test_elsewhere(kind: FailureKind, base_url: str) -> None:
    """A server elsewhere is somebody else's to start, and one that was reached is running."""
    if (kind, base_url) == (FailureKind.CONNECTION_REFUSED, _OURS):
        return
    told = remedy(Failure(kind), base_url)
    assert "running" not in told
    assert "sandbox" not in told
    not_found = {FailureKind.CONNECTION_REFUSED, FailureKind.UNREACHABLE, FailureKind.CONNECT_TIMEOUT}
    assert ("is its address right" in told) == (kind in not_found)


@pytest.mark.parametrize(
    "detail",
    [
        "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)",
        "[SSL: RECORD_LAYER_FAILURE] record layer failure (_ssl.c:1010)",
        "[SSL: PACKET_LENGTH_TOO_LONG] packet length too long (_ssl.c:1010)",
    ],
)
def test_https_to_http(detail: str) -> None:
    """Text in place of a TLS record, in the words of several versions of OpenSSL."""
    error = connection_error(Failure(FailureKind.TLS, detail), ErrorContext(_FAR))
    assert str(error).endswith(": the server at gpo.example.com speaks http, not https")


@pytest.mark.parametrize("detail", ["certificate verify failed", "unexpected eof while reading", ""])
def test_other_failures_of_tls(detail: str) -> None:
    """They say nothing of http."""
    assert remedy(Failure(FailureKind.TLS, detail), _FAR) == ""


def test_alert_in_place_of_an_answer() -> None:
    """A TLS alert where a status line should be."""
    for detail in (r"illegal status line: bytearray(b'\x15\x03\x01\x00\x02\x02F')", "not HTTP: \x15\x03\x03"):
        told = remedy(Failure(FailureKind.PROTOCOL, detail), _OURS)
        assert told == ": the server at 127.0.0.1:8760 speaks https, not http"
    assert remedy(Failure(FailureKind.PROTOCOL, "illegal status line"), _OURS) == ""


@pytest.mark.parametrize(
    "body",
    [
        b"<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>",
        b"Client sent an HTTP request to an HTTPS server.\n",
        b"Reason: You're speaking plain HTTP to an SSL-enabled server port.",
    ],
)
def test_http_to_https(body: bytes) -> None:
    """As servers of several makes say it."""
    head = Opened(400, {"content-type": "text/html"})
    error = status_error(head, body, ErrorContext("http://gpo.example.com:8443"))
    assert isinstance(error, APIStatusError)
    assert str(error) == "400 Bad Request: the server at gpo.example.com:8443 speaks https, not http"
    assert "speaks" not in str(status_error(head, body, ErrorContext(_FAR)))
    assert "speaks" not in str(status_error(head, b"Bad request", ErrorContext("http://gpo.example.com")))


_KNOWN: dict[str, Any] = {"request_id": "ours", "attempts": 2, "elapsed": 1.5}
_CONTEXT = ErrorContext(_FAR, secret=Secret("s3cr3t"), now=datetime(2026, 11, 1, tzinfo=UTC), **_KNOWN)
_JSON, _HTML = {"content-type": "Application/JSON"}, {"content-type": "text/html"}
_NO_PROBLEM = f"{_FAR} answered with %s instead of a problem document; is the base URL right?"
_FROM_PROXY = f"{_FAR} answered with %s instead of a problem document; it may be of a proxy before the service"


def _told(error: GPOClientError) -> dict[str, Any]:
    return {name: getattr(error, name) for name in _KNOWN}


@pytest.mark.parametrize(
    ("status", "fields", "body", "kind", "message"),
    [
        (400, _JSON, b'{"detail": "no", "field": "query"}', InvalidRequestError, "400 Bad Request: no (field: query)"),
        (401, _JSON, b'{"code": "token_expired"}', TokenExpiredError, "401 Unauthorized: token_expired"),
        (401, _JSON, b'{"code": "unknown"}', AuthenticationError, "401 Unauthorized: unknown"),
        (401, {}, b"", AuthenticationError, "401 Unauthorized: " + _NO_PROBLEM % "no content type"),
        (403, _JSON, b'{"code": "token_expired"}', PermissionDeniedError, "403 Forbidden: token_expired"),
        (404, _JSON, b"[]", NotFoundError, "404 Not Found: " + _NO_PROBLEM % "application/json"),
        (404, _JSON, b"{}", NotFoundError, "404 Not Found: no further details"),
        (404, _JSON, b'"s3cr3t is none"', NotFoundError, "404 Not Found: ********** is none"),
        (409, _JSON, b"{", ConflictError, "409 Conflict: " + _FROM_PROXY % "application/json"),
        (410, {}, b'\xef\xbb\xbf {"title": "gone"}', APIStatusError, "410 Gone: gone"),
        (429, _HTML, b'{"title": "slower"}', RateLimitError, "429 Too Many Requests: slower"),
        (499, _HTML, b"<p>", APIStatusError, "499: " + _FROM_PROXY % "text/html"),
        (500, _HTML, b'["no"]', ServerError, "500 Internal Server Error: " + _FROM_PROXY % "text/html"),
        (503, _HTML, b"<p>", ServiceUnavailableError, "503 Service Unavailable: " + _FROM_PROXY % "text/html"),
        (599, _HTML, b"<p>", ServerError, "599: " + _FROM_PROXY % "text/html"),
        (
            501,
            {"content-type": "application/json; charset=latin-1"},
            b'{"detail": "\xf1"}',
            ServerError,
            "501 Not Implemented: \xf1",
        ),
    ],
    ids=str,
)
def test_each_status(status: int, fields: dict[str, str], body: bytes, kind: type[Exception], message: str) -> None:
    """Which error it is, in which words; the rest is the call's."""
    error = status_error(Opened(status, fields), body, _CONTEXT)
    assert (type(error), error.message, error.status_code) == (kind, message, status)
    assert _told(error) == _KNOWN
    assert error.code == (error.problem.code if error.problem else None)


def test_what_a_refusal_tells() -> None:
    """What the problem says, when to come back, and the service's own id for it: of the head, else of the problem."""
    fields = {"retry-after": "Sun, 01 Nov 2026 00:00:30 GMT", **_JSON}
    body = b'{"code": "busy", "request_id": "problem"}'
    error = status_error(Opened(503, fields), body, _CONTEXT)
    assert (error.code, error.retry_after, error.request_id) == ("busy", 30.0, "problem")
    assert error.problem == Problem(code="busy", request_id="problem")
    assert status_error(Opened(503, {"x-request-id": "head", **fields}), body, _CONTEXT).request_id == "head"


def test_what_other_errors_tell() -> None:
    """Where the request went, and how long it took."""
    redirect = redirect_error(Opened(307, {"location": "https://ana:s3cr3t@other.example.com/x?y"}), _CONTEXT)
    assert redirect.message == (
        f"the server at {_FAR} redirects (307) to https://other.example.com/x; redirects are not followed: set base_url"
        " to the address of the API itself"
    )
    late = limit_error(LimitWait(2.25, "requests_per_second"), _CONTEXT)
    assert late.message == (
        f"timeout after 2.2 s of waiting for a turn to ask {_FAR}, because of the setting requests_per_second:"
        " ask less at once, or give the call a longer timeout"
    )
    cause = OSError("x")
    lost = connection_error(Failure(FailureKind.RESET, "by peer", cause), _CONTEXT)
    assert (type(lost), lost.__cause__) == (GPOConnectionError, cause)
    assert lost.message == f"no response from {_FAR}: connection reset by the server (by peer)"
    for error in (redirect, late, lost):
        assert _told(error) == _KNOWN
    assert redirect.status_code == 307
    assert redirect_error(Opened(307, {"x-request-id": "theirs"}), _CONTEXT).request_id == "theirs"
    timeouts = [kind for kind in FailureKind if type(connection_error(Failure(kind), _CONTEXT)) is GPOTimeoutError]
    assert timeouts == [FailureKind.CONNECT_TIMEOUT, FailureKind.NO_FREE_CONNECTION, FailureKind.TIMEOUT]


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("https://ana:pa55@gpo.example.com:8443/x?token=t0k3n#t0k3n", "https://gpo.example.com:8443/x"),
        ("https://t0k3n@gpo.example.com/", "https://gpo.example.com/"),
        ("//ana:pa55@gpo.example.com/x", "//gpo.example.com/x"),
        ("https://ana:12/pa55@gpo.example.com/x", "https://gpo.example.com/x"),
        ("https://ana:pa/55@gpo.example.com/x", "an address that is none"),
        ("https://ana:pa55?@gpo.example.com/x", "an address that is none"),
        ("https:ana:pa55@gpo.example.com/x", "gpo.example.com/x"),
        ("https:\\\\ana:pa55@gpo.example.com/x", "gpo.example.com/x"),
        ("/x?token=t0k3n", "/x"),
        ("", "nowhere"),
        ("https://gpo.example.com:x/", "an address that is none"),
        ("https://gpo.example.com", "https://gpo.example.com"),
        ("x@y@z", "z"),
        (None, "nowhere"),
    ],
)
def test_where_a_redirect_points(location: str | None, told: str) -> None:
    """Its host and path, and not who was to ask there: neither user nor password nor parameters."""
    error = redirect_error(Opened(307, {} if location is None else {"location": location}), _CONTEXT)
    assert f"redirects (307) to {told}; redirects are" in error.message


_PROXIES = "(proxy (GPO_API_PROXY), or HTTPS_PROXY, HTTP_PROXY, ALL_PROXY)"
_LOGIN = f"; put its name and password into the address of the proxy, http://NAME:PASSWORD@HOST:PORT {_PROXIES}"


@pytest.mark.parametrize(
    ("kind", "detail", "base_url", "told"),
    [
        (FailureKind.PROXY_DENIED, "it answers 407", _FAR, _LOGIN),
        (FailureKind.PROXY_DENIED, "it answers 401", _FAR, _LOGIN),
        (FailureKind.PROXY_FAILED, "it does not take this name and password", _FAR, _LOGIN),
        (
            FailureKind.PROXY_DENIED,
            "it answers 4070",
            _FAR,
            f"; is this the proxy to use {_PROXIES}? NO_PROXY names what goes past it",
        ),
        (FailureKind.PROXY_FAILED, None, _FAR, f"; is that where it is {_PROXIES}? NO_PROXY names what goes past it"),
        (FailureKind.CONNECTION_REFUSED, None, _FAR, "; is its address right (GPO_API_BASE_URL, or base_url=)?"),
        (
            FailureKind.CONNECTION_REFUSED,
            None,
            _OURS,
            (
                "; is the server running? Set GPO_API_BASE_URL (or base_url=) to its address, or start the sandbox with"
                f" '{START_SANDBOX}'"
            ),
        ),
        (FailureKind.PROTOCOL, "\x15\x03", _FAR, ""),
        (FailureKind.RESET, "\x15\x03", _OURS, ""),
        (FailureKind.RESET, None, _OURS, ""),
    ],
)
def test_what_can_be_done(kind: FailureKind, detail: str | None, base_url: str, told: str) -> None:
    """In so many words."""
    assert remedy(Failure(kind, detail), base_url) == told


def test_a_proxy_that_wants_to_know_who_asks() -> None:
    """By the status of its answer."""
    error = status_error(Opened(407, _HTML), b"<p>", _CONTEXT)
    assert error.message == f"407 Proxy Authentication Required: the proxy wants to know who asks{_LOGIN}"


def test_hints_in_pages() -> None:
    """What is beyond the beginning of a page is about something else."""
    hint = b"No required SSL certificate"
    told = f"400 Bad Request: {_FAR} wants a certificate of yours, or another one: set client_cert and client_key"
    for before, is_told in ((0, True), (4096 - len(hint), True), (4097 - len(hint), False)):
        error = status_error(Opened(400, _HTML), b"x" * before + hint, _CONTEXT)
        assert error.message.startswith(told) == is_told
