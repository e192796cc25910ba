"""One TLS context for the whole process."""

from __future__ import annotations

import ssl
from functools import cache

import httpx

from gpo_client.config import GPOConfig
from gpo_client.exceptions import InsecureConnectionWarning
from gpo_client.user_warnings import warn_user


@cache
def tls_context(verify: bool) -> ssl.SSLContext:
    """The context for certificates that are verified, or not.

    Making one reads all certificate authorities, about 20 ms each time, which clients that come and go must not pay.
    """
    context = httpx.create_ssl_context(verify=verify)
    context.set_alpn_protocols(["http/1.1"])
    return context


def tls_of(config: GPOConfig) -> ssl.SSLContext | None:
    """The context for the connections of one client; None when its address is http.

    Warns when certificates are not verified.

    Args:
        config: The client's settings.
    """
    if not config.base_url.startswith("https:"):
        return None
    if not config.verify_ssl:
        warn_user(
            f"the certificate of {config.base_url} is not verified, because verify_ssl is off (from"
            f" {config.origin('verify_ssl')}): anybody on the way can pose as the service, read the tokens and change"
            " the answers. For a certificate of your own authority, name that in SSL_CERT_FILE and leave verify_ssl on",
            InsecureConnectionWarning,
        )
    return tls_context(config.verify_ssl)
