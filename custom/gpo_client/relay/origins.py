"""Origins of the pages that may use the relay (the Fetch standard's CORS; for WebSockets RFC 6455 §10.2)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from gpo_client.relay.options import RelayOptions

_LOG = logging.getLogger("gpo_client.relay")

_DEFAULT_PORTS = {"http": 80, "https": 443, "": None}


def is_allowed(headers: Mapping[str, str], options: RelayOptions) -> bool:
    """Whether a request may be served, as far as its origin tells. A rejection is logged.

    Programs send no ``Origin``, and pages of the service itself send its own address. Both are allowed; what other
    sites' pages may do is the service's to say.

    Args:
        headers: Of the request, by names in lower case.
        options: The relay's settings.

    >>> is_allowed({"origin": "https://example.com", "host": "example.com:443"}, RelayOptions())
    True
    >>> is_allowed({"origin": "https://elsewhere.example", "host": "example.com"}, RelayOptions())
    False
    """
    origin = headers.get("origin")
    if origin is None or "*" in options.allowed_origins or origin in options.allowed_origins:
        return True
    # Browsers say what they know, and no page can say it for them. Behind a proxy, Host may be another than the page's.
    site = headers.get("sec-fetch-site")
    if site == "same-origin" or (site is None and _is_own(origin, headers.get("host", ""))):
        return True
    _LOG.warning(
        "a page of %.200r may not use this service at Host %.200r (Sec-Fetch-Site: %.20r): "
        "name its origin in allowed_origins, or have the proxy pass the Host on",
        origin,
        headers.get("host"),
        site,
    )
    return False


def cors_headers(origin: str | None, options: RelayOptions) -> dict[str, str]:
    """Return the response headers that let another site's page read the answer.

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


def preflight_headers(headers: Mapping[str, str], options: RelayOptions) -> dict[str, str]:
    """Return the response headers that answer a preflight request, beside :func:`cors_headers`.

    Args:
        headers: Of the request, by names in lower case.
        options: The relay's settings.
    """
    if "access-control-allow-origin" not in map(str.lower, cors_headers(headers.get("origin"), options)):
        return {}
    asked = headers.get("access-control-request-headers")
    return {
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Max-Age": "600",
        **({"Access-Control-Allow-Headers": asked} if asked else {}),
    }


def _is_own(origin: str, host: str) -> bool:
    """Whether an origin is the address that was asked, default ports being the same as none."""
    with suppress(ValueError):
        page, asked = urlsplit(origin), urlsplit(f"//{host}")
        default = _DEFAULT_PORTS.get(page.scheme)
        # A proxy may have ended TLS, so the scheme is not compared.
        return page.hostname == asked.hostname and (page.port or default) == (asked.port or default)
    return False


def _shown(origin: str, options: RelayOptions) -> str:
    return "*" if "*" in options.allowed_origins else origin
