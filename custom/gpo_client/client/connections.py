"""How a client's settings become connections, and the generated client on the same ones."""

from __future__ import annotations

import ssl
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from gpo_client.config import GPOConfig, rules
from gpo_client.exceptions import ConfigurationError, InsecureConnectionWarning
from gpo_client.http.options import KEEP_IDLE, Options, Proxy
from gpo_client.http.tls import tls_context
from gpo_client.models.secret import Secret
from gpo_client.user_warnings import warn_user
from gpo_core_client import AuthenticatedClient


def library_client(library: str, kind: str, config: GPOConfig) -> Any:
    """A client of httpx or httpx2 with our proxy, TLS and limits.

    Args:
        library: ``"httpx"`` or ``"httpx2"``.
        kind: ``"Client"`` or ``"AsyncClient"``.
        config: The client's settings.

    Raises:
        ConfigurationError: The library is not installed.
    """
    try:
        of: Any = import_module(library)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"transport is {library} (from {config.origin('transport')}), which is not installed:"
            f" pip install {library}",
            setting="transport",
            origin=config.origin("transport"),
        ) from error
    proxy = _proxy_address(config)
    limits = of.Limits(
        max_connections=config.max_connections,
        max_keepalive_connections=config.max_connections,
        keepalive_expiry=KEEP_IDLE,
    )
    # Certificates of nobody are read for http; and the environment has been asked already.
    return getattr(of, kind)(verify=_tls_of(config) or False, proxy=proxy, limits=limits, trust_env=False)


def same_connections(one: GPOConfig, other: GPOConfig) -> bool:
    """Whether clients with these settings can share their connections."""
    return _connection_settings(one) == _connection_settings(other)


def connection_options(config: GPOConfig) -> Options:
    """How the connections of a client are made.

    Warns when certificates are not verified.

    Raises:
        ConfigurationError: The environment names a proxy that cannot be one.
    """
    address = _proxy_address(config)
    proxy = Proxy.at(address) if address is not None else None
    is_tls_proxy = proxy is not None and proxy.origin.is_tls
    return Options(
        max_connections=config.max_connections,
        tcp_keepalive=config.tcp_keepalive,
        tls=_tls_of(config),
        proxy=proxy,
        proxy_tls=tls_context(True) if is_tls_proxy else None,
        keep_idle=KEEP_IDLE,
    )


def sync_raw_client(transport: Any, base_url: str, token: str) -> AuthenticatedClient:
    """A generated client for blocking use, sharing the connections of ``transport``.

    Args:
        transport: Gives exchanges.
        base_url: The address of the API.
        token: The bearer.
    """
    import httpx

    from gpo_client.http.raw import RawSyncTransport

    shared = httpx.Client(transport=RawSyncTransport(transport), base_url=base_url, headers=_authorization(token))
    return _generated(base_url, token).set_httpx_client(shared)


def async_raw_client(transport: Any, base_url: str, token: str) -> AuthenticatedClient:
    """A generated client for asynchronous use, sharing the connections of ``transport``.

    Args:
        transport: Gives exchanges.
        base_url: The address of the API.
        token: The bearer.
    """
    import httpx

    from gpo_client.http.raw import RawAsyncTransport

    shared = httpx.AsyncClient(transport=RawAsyncTransport(transport), base_url=base_url, headers=_authorization(token))
    return _generated(base_url, token).set_async_httpx_client(shared)


def _generated(base_url: str, token: str) -> AuthenticatedClient:
    # The generated class shows its token in repr, and the header that it would make of prefix and token in that of
    # copies (with_headers …). Without a prefix both are the one Secret.
    return AuthenticatedClient(base_url=base_url, token=_bearer(token), prefix="")


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": _bearer(token)} if token else {}


def _bearer(token: str) -> Secret:
    return Secret("Bearer " + token)


def _connection_settings(config: GPOConfig) -> tuple[object, ...]:
    scheme = config.base_url.partition(":")[0]
    return scheme, config.verify_ssl, config.proxy, config.max_connections, config.tcp_keepalive, config.transport


def _proxy_address(config: GPOConfig) -> str | None:
    """The proxy to use: the configured one, else the one that the environment names for such addresses."""
    address = urlsplit(config.base_url)
    if config.proxy is not None:
        return config.proxy.reveal()
    if proxy_bypass(address.hostname or ""):
        return None
    environment = getproxies()
    name = next((name for name in (address.scheme, "all") if environment.get(name)), None)
    if name is None:
        return None
    # Without a scheme it is http, as everywhere else where these variables are read.
    named = environment[name] if "://" in environment[name] else f"http://{environment[name]}"
    rules.PROXY.check("proxy", named, f"environment variable {name}_proxy")
    return named


def _tls_of(config: GPOConfig) -> ssl.SSLContext | None:
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
