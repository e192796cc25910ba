"""HTTP clients as ours need them."""

from __future__ import annotations

from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from gpo_client.config import GPOConfig

#: What the clients accept as ``http_client``.
HttpClient = httpx.Client
AsyncHttpClient = httpx.AsyncClient


def sync_http_client(config: GPOConfig) -> Callable[[], httpx.Client]:
    """Makes a blocking HTTP client when it is called; whoever calls closes it."""
    from gpo_client.transports.default import Transport  # for a client, not for importing the package

    return lambda: httpx.Client(transport=Transport(config), cookies=_no_cookies(), trust_env=False)


def async_http_client(config: GPOConfig) -> Callable[[], httpx.AsyncClient]:
    """Makes an asynchronous HTTP client when it is called; whoever calls closes it."""
    from gpo_client.transports.default import (
        AsyncTransport,  # for a client, not in the event loop when it is first used
    )

    return lambda: httpx.AsyncClient(transport=AsyncTransport(config), cookies=_no_cookies(), trust_env=False)


def _no_cookies() -> CookieJar:
    """A jar that keeps nothing: one client serves many users, whose cookies must not meet."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def same_pool(one: GPOConfig, other: GPOConfig) -> bool:
    """Whether clients with these settings can share their connections."""
    return _connection_settings(one) == _connection_settings(other)


def _connection_settings(config: GPOConfig) -> tuple[object, ...]:
    scheme = config.base_url.partition(":")[0]
    return scheme, config.verify_ssl, config.proxy, config.max_connections
