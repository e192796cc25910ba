"""Connection pools: what turns settings into sockets."""

from __future__ import annotations

import ssl
from typing import TypedDict
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from gpo_client.config import GPOConfig
from gpo_client.transports.connections import AsyncLimitedNetwork, LimitedNetwork
from gpo_client.transports.tls import tls_context

# Idle connections are kept a little shorter than servers usually keep them, so that a request rarely meets one that
# is being closed at the other end.
_KEEPALIVE_SECONDS = 4.0


class _PoolOptions(TypedDict):
    ssl_context: ssl.SSLContext | None
    max_connections: int
    max_keepalive_connections: int
    keepalive_expiry: float
    proxy: httpcore.Proxy | None


class Transport(httpx.HTTPTransport):
    """httpx's transport over a blocking pool of our making."""

    def __init__(self, config: GPOConfig) -> None:
        # Not super().__init__(): it would build a TLS context of its own. All that the base class uses is the pool.
        self._pool = httpcore.ConnectionPool(**_options(config), network_backend=LimitedNetwork())


class AsyncTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over an asynchronous pool of our making."""

    def __init__(self, config: GPOConfig) -> None:
        self._pool = httpcore.AsyncConnectionPool(**_options(config), network_backend=AsyncLimitedNetwork())


def proxy_for(config: GPOConfig) -> httpcore.Proxy | None:
    """The proxy to use: the configured one, else the one that the environment names for such addresses.

    Args:
        config: The settings.
    """
    address = urlsplit(config.base_url)
    if config.proxy is None and proxy_bypass(address.hostname or ""):
        return None
    environment = getproxies()
    proxy = config.proxy or environment.get(address.scheme) or environment.get("all")
    if not proxy:
        return None
    parts = httpx.Proxy(proxy)  # takes user and password out of the address
    return httpcore.Proxy(parts.url.raw_scheme + b"://" + parts.url.netloc, auth=parts.raw_auth)


def _options(config: GPOConfig) -> _PoolOptions:
    encrypted = config.base_url.startswith("https:")
    return {
        "ssl_context": tls_context(config.verify_ssl) if encrypted else None,
        "max_connections": config.max_connections,
        "max_keepalive_connections": config.max_connections,
        "keepalive_expiry": _KEEPALIVE_SECONDS,
        "proxy": proxy_for(config),
    }
