"""The default transport: httpx's own, over pools of our making."""

from __future__ import annotations

import httpcore
import httpx

from gpo_client.config import GPOConfig
from gpo_client.transports.async_pools import AsyncLanePool
from gpo_client.transports.lanes import LaneOptions
from gpo_client.transports.pools import LanePool
from gpo_client.transports.proxies import proxy_for
from gpo_client.transports.tls import tls_of

# Idle connections are kept a little shorter than servers usually keep them, so that a request rarely meets one that
# is being closed at the other end.
_KEEPALIVE_SECONDS = 4.0


class Transport(httpx.HTTPTransport):
    """For blocking clients."""

    def __init__(self, config: GPOConfig) -> None:
        # Not super().__init__(): it would build a TLS context of its own. All that the base class uses is the pool.
        self._pool = LanePool(config.max_connections, _options(config))  # type: ignore[assignment]


class AsyncTransport(httpx.AsyncHTTPTransport):
    """For asynchronous clients."""

    def __init__(self, config: GPOConfig) -> None:
        self._pool = AsyncLanePool(config.max_connections, _options(config))  # type: ignore[assignment]


def _options(config: GPOConfig) -> LaneOptions:
    proxy = proxy_for(config)
    return LaneOptions(
        ssl_context=tls_of(config),
        keepalive_expiry=_KEEPALIVE_SECONDS,
        proxy=_core_proxy(proxy) if proxy else None,
    )


def _core_proxy(proxy: httpx.Proxy) -> httpcore.Proxy:
    return httpcore.Proxy(proxy.url.raw_scheme + b"://" + proxy.url.netloc, auth=proxy.raw_auth)
