"""Where tokens may travel in the clear: on this machine, and where somebody has said so."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from gpo_client.exceptions import ConfigurationError


def require_https(base_url: str, allowed: bool, origin: str) -> None:
    """Refuse an address whose connections everybody on the way can read.

    Args:
        base_url: The address of the API.
        allowed: Whether the setting ``allow_insecure_http`` is on.
        origin: Where the address came from.

    Raises:
        ConfigurationError: It is http, on another machine, and not allowed.

    >>> require_https("http://127.0.0.1:8760", False, "an argument")
    >>> require_https("http://gpo.example.com", True, "an argument")
    """
    address = urlsplit(base_url)
    if address.scheme == "http" and not allowed and not is_loopback(address.hostname or ""):
        raise ConfigurationError(
            f"base_url must be https, not {base_url!r} (from {origin}): everybody on the way could read the tokens."
            " Where you trust the network itself, set allow_insecure_http=True (GPO_API_ALLOW_INSECURE_HTTP=true)",
            setting="base_url",
            origin=origin,
        )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: by name (RFC 6761 §6.3) or number (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3)."""
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:  # any other name
        return False
