"""Which proxy to go through."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from gpo_client.config import GPOConfig, rules


def proxy_for(config: GPOConfig) -> httpx.Proxy | None:
    """The proxy to use: the configured one, else the one that the environment names for such addresses.

    Args:
        config: The settings.

    Raises:
        ConfigurationError: The environment names what cannot be a proxy.
    """
    address = urlsplit(config.base_url)
    if config.proxy is not None:
        return _proxy(config.proxy.reveal())
    if proxy_bypass(address.hostname or ""):
        return None
    return _of_the_environment(address.scheme)


def _of_the_environment(scheme: str) -> httpx.Proxy | None:
    environment = getproxies()
    name = next((name for name in (scheme, "all") if environment.get(name)), None)
    if name is None:
        return None
    # Without a scheme it is http, as everywhere else where these variables are read.
    named = environment[name] if "://" in environment[name] else f"http://{environment[name]}"
    rules.PROXY.check("proxy", named, f"environment variable {name}_proxy")
    return _proxy(named)


def _proxy(address: str) -> httpx.Proxy:
    return httpx.Proxy(address)  # takes user and password out of the address
