"""What to do about a server that gave no answer of its own: told from how it failed, and only where it is likely."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from gpo_client.config.exposure import is_loopback
from gpo_client.config.settings import START_SANDBOX
from gpo_client.flows.effects import NOT_CONNECTED, Failure, FailureKind

# A client's TLS record was answered with text: how OpenSSL says so, before version 3.2 and since.
_TEXT_FOR_TLS = re.compile(r"wrong.version.number|record.layer.failure|packet.length.too.long", re.IGNORECASE)
# A TLS alert record (RFC 8446 §5.1), as bytes or as Python writes them.
_TLS_FOR_TEXT = re.compile(r"(?:\x15|\\x15)(?:\x03|\\x03)")
# How servers of several makes say that their port wants TLS, with status 400.
_WANTS_TLS = re.compile(rb"http request (?:was sent )?to (?:an )?https|plain http to an (?:ssl|tls)", re.IGNORECASE)
# Longer pages are about something else.
_LONGEST_HINT = 4096


def remedy(failure: Failure, base_url: str) -> str:
    """The end of the sentence about a request that got no answer; empty where nobody can know.

    Args:
        failure: How it failed.
        base_url: Where it went.
    """
    address = urlsplit(base_url)
    detail = failure.detail or ""
    if failure.kind is FailureKind.TLS and _TEXT_FOR_TLS.search(detail):
        return f": the server at {address.netloc} speaks http, not https"
    if failure.kind is FailureKind.PROTOCOL and address.scheme == "http" and _TLS_FOR_TEXT.search(detail):
        return f": the server at {address.netloc} speaks https, not http"
    if failure.kind is FailureKind.CONNECTION_REFUSED and is_loopback(address.hostname or ""):
        return (
            "; is the server running? Set GPO_API_BASE_URL (or base_url=) to its address, or start the sandbox with"
            f" '{START_SANDBOX}'"
        )
    if failure.kind in NOT_CONNECTED and failure.kind is not FailureKind.TLS:
        return "; is its address right (GPO_API_BASE_URL, or base_url=)?"
    return ""


def wants_tls(body: bytes, base_url: str) -> bool:
    """Whether the body of an error says that it was answered without TLS where TLS is spoken."""
    return base_url.startswith("http:") and _WANTS_TLS.search(body[:_LONGEST_HINT]) is not None
