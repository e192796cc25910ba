"""What to do about a server that gave no response of its own: told from how it failed, and only where it is likely."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlsplit

from gpo_client.config.rules import is_loopback
from gpo_client.config.settings import START_SANDBOX
from gpo_client.flows.effects import NOT_CONNECTED, Failure, FailureKind

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
    """Return the end of the sentence about a request that got no response; empty where nobody can know.

    Args:
        failure: How it failed.
        base_url: Where it went.
    """
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
    """Return what an error status without a problem document means, where it is not from the service itself.

    Args:
        status: The status.
        body: The body, or the beginning of it.
        base_url: Where the request went.
    """
    beginning = body[:_LONGEST_HINT]
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return f"the proxy wants to know who asks{_CREDENTIALS}"
    if base_url.startswith("http:") and _WANTS_TLS.search(beginning):
        return f"the server at {base_url.removeprefix('http://')} speaks https, not http"
    if _WANTS_CERTIFICATE.search(beginning):
        return f"{base_url} wants a certificate of yours, or another one: {_SHOW_CERTIFICATE}"
    return None
