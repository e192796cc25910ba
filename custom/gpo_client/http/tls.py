"""One TLS context for the whole process."""

from __future__ import annotations

import ssl
from functools import cache


@cache
def tls_context(verify: bool) -> ssl.SSLContext:
    """The context for certificates that are verified, or not.

    Making one reads all certificate authorities, about 20 ms each time, which clients that come and go must not pay.
    """
    import httpx  # for https alone

    context = httpx.create_ssl_context(verify=verify)
    context.set_alpn_protocols(["http/1.1"])
    return context
