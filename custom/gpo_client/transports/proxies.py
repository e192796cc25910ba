"""Which proxy to go through."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from gpo_client.config import GPOConfig


def proxy_for(config: GPOConfig) -> httpx.Proxy | None:
    """The proxy to use: the configured one, else the one that the environment names for such addresses.

    Args:
        config: The settings.
    """
    address = urlsplit(config.base_url)
    if config.proxy is None and proxy_bypass(address.hostname or ""):
        return None
    environment = getproxies()
    proxy = config.proxy or environment.get(address.scheme) or environment.get("all")
    return httpx.Proxy(proxy) if proxy else None  # takes user and password out of the address
