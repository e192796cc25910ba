"""What errors advise when no answer came: only what is likely."""

from __future__ import annotations

import pytest

from gpo_client import APIStatusError
from gpo_client.config.settings import START_SANDBOX
from gpo_client.flows.effects import Failure, FailureKind, Opened
from gpo_client.flows.error_mapping import ErrorContext, connection_error, remedy, status_error

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
