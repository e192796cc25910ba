"""Which pages may use the relay (the Fetch standard's CORS; for WebSockets RFC 6455 §10.2)."""

from __future__ import annotations

from collections.abc import Mapping

from gpo_client.relay.options import RelayOptions


def is_allowed(headers: Mapping[str, str], options: RelayOptions) -> bool:
    """Whether a request may be served, as far as its origin tells.

    Programs send no ``Origin``, and pages of the service itself send its own address. Both are admitted; what other
    sites' pages may do is the service's to say.

    Args:
        headers: Of the request, by names in lower case.
        options: The relay's settings.

    >>> is_allowed({"origin": "https://example.com", "host": "example.com"}, RelayOptions())
    True
    >>> is_allowed({"origin": "https://elsewhere.example", "host": "example.com"}, RelayOptions())
    False
    """
    origin = headers.get("origin")
    if origin is None or "*" in options.allowed_origins or origin in options.allowed_origins:
        return True
    # A proxy may have ended TLS, so the scheme is not compared.
    return origin.partition("://")[2].lower() == headers.get("host", "").lower()


def cors_headers(origin: str | None, options: RelayOptions) -> dict[str, str]:
    """The response headers that let another site's page read the answer.

    Args:
        origin: The request's ``Origin``.
        options: The relay's settings.
    """
    if not options.allowed_origins:
        return {}
    headers = {"Vary": "Origin"}
    if origin is not None and ("*" in options.allowed_origins or origin in options.allowed_origins):
        headers["Access-Control-Allow-Origin"] = origin if options.allow_credentials else _shown(origin, options)
        if options.allow_credentials:
            headers["Access-Control-Allow-Credentials"] = "true"
    return headers


def _shown(origin: str, options: RelayOptions) -> str:
    return "*" if "*" in options.allowed_origins else origin
