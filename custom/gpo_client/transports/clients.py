"""HTTP clients as ours need them."""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from gpo_client.config import GPOConfig
from gpo_client.transports.pools import AsyncTransport, Transport

#: What the clients accept as ``http_client``.
HttpClient = httpx.Client
AsyncHttpClient = httpx.AsyncClient


def sync_http_client(config: GPOConfig) -> httpx.Client:
    """A blocking HTTP client; whoever asks for it closes it."""
    return httpx.Client(transport=Transport(config), cookies=_no_cookies(), follow_redirects=False, trust_env=False)


def async_http_client(config: GPOConfig) -> httpx.AsyncClient:
    """An asynchronous HTTP client; whoever asks for it closes it."""
    return httpx.AsyncClient(
        transport=AsyncTransport(config), cookies=_no_cookies(), follow_redirects=False, trust_env=False
    )


def _no_cookies() -> CookieJar:
    """A jar that keeps nothing: one client serves many users, whose cookies must not meet."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def same_pool(one: GPOConfig, other: GPOConfig) -> bool:
    """Whether clients with these settings can share their connections."""
    return _connection_settings(one) == _connection_settings(other)


def _connection_settings(config: GPOConfig) -> tuple[object, ...]:
    scheme = config.base_url.partition(":")[0]
    return scheme, config.verify_ssl, config.proxy, config.max_connections
