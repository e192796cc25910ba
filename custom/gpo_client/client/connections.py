"""Connections as a client's settings have them, their TLS, and the generated client on the same ones."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gpo_client.client.proxies import NamedProxy, proxy_for
from gpo_client.config import GPOConfig
from gpo_client.config.keys import is_provider
from gpo_client.exceptions import (
    ConfigurationError,
    InsecureConnectionWarning,
    UnusableProxyWarning,
    UsageError,
    warn_user,
)
from gpo_client.http.options import KEEP_IDLE, Options, Origin, Proxy, address_of
from gpo_client.http.tls import VERIFY_THEMSELVES, Trust, UnusableFileError, authorities_of, tls_context
from gpo_client.models.secret import Secret
from gpo_core_client import AuthenticatedClient

# The settings of connections themselves, which clients that share connections share.
_OF_CONNECTIONS = (
    "ca_bundle", "trust", "client_cert", "client_key", "client_key_password", "ssl_context", "verify_ssl", "proxy",
    "max_connections", "tcp_keepalive", "transport",
)  # fmt: skip


def library_client(library: str, kind: str, config: GPOConfig) -> Any:
    """Return a client (``kind``: ``"Client"`` or ``"AsyncClient"``) of httpx or httpx2 with our proxy, TLS and limits.

    Raises ConfigurationError: the library is not installed.
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
    limits = of.Limits(
        max_connections=config.max_connections,
        max_keepalive_connections=config.max_connections,
        keepalive_expiry=KEEP_IDLE,
    )
    # Certificates of nobody are read for http; and the environment has been asked already.
    tls, proxy = tls_of_server(config) or False, proxy_for(config)
    # What a server sets for one user is not sent for another.
    common = {"cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())), "trust_env": False}
    if socket := address_of(config.base_url).origin.socket:
        carrier = getattr(of, "HTTPTransport" if kind == "Client" else "AsyncHTTPTransport")
        return getattr(of, kind)(transport=carrier(uds=socket, verify=False, limits=limits), **common)
    through = None
    if proxy is not None and not (proxy.is_socks and _lacks_socks(library, proxy, config)):
        through = of.Proxy(proxy.url, ssl_context=tls_of_proxy(config) if proxy.url.startswith("https:") else None)
    return getattr(of, kind)(verify=tls, proxy=through, limits=limits, **common)


def same_connections(one: GPOConfig, other: GPOConfig) -> bool:
    """Whether clients with these settings can share their connections."""
    return _connection_settings(one) == _connection_settings(other)


def connection_options(config: GPOConfig) -> Options:
    """Return how the connections of a client are made; warn when certificates are not verified.

    Raises ConfigurationError: a file with certificates cannot be used.
    """
    named = proxy_for(config)
    proxy = Proxy.at(named.url, named.origin) if named is not None else None
    return Options(
        max_connections=config.max_connections,
        tcp_keepalive=config.tcp_keepalive,
        tls=tls_of_server(config),
        proxy=proxy,
        proxy_tls=tls_of_proxy(config) if proxy is not None and proxy.origin.is_tls else None,
        keep_idle=KEEP_IDLE,
    )


def raw_client(
    kind: str, carrier: Callable[[Any, Any, Origin], Any], transport: Any, config: GPOConfig, token: str
) -> AuthenticatedClient:
    """Return a generated client that shares the connections of ``transport``, with ``token`` as its bearer.

    ``carrier`` makes of a library (httpx or httpx2), ``transport`` and the server a transport of that library, for its
    class ``kind``, ``"Client"`` or ``"AsyncClient"``.
    """
    library, (origin, base_url, headers) = _generated_for(), _raw(config, token)
    shared = getattr(library, kind)(transport=carrier(library, transport, origin), base_url=base_url, headers=headers)
    made = _generated(base_url, token)
    return made.set_httpx_client(shared) if kind == "Client" else made.set_async_httpx_client(shared)


def fixed_key(config: GPOConfig) -> str:
    """Return the API key for a generated client; empty: there is none. Raises UsageError if the key is asked for."""
    if is_provider(config.api_key):
        raise UsageError("client.raw needs a key that stays the same; open a session, and take client.raw_for(session)")
    return str(config.api_key or "")


def _generated_for() -> Any:
    """Return the library that the generated client speaks: ``generator-config.yaml`` says which of the two."""
    names = vars(import_module(AuthenticatedClient.__module__))
    return names.get("httpx2") or names["httpx"]


def _raw(config: GPOConfig, token: str) -> tuple[Origin, str, dict[str, str]]:
    """Return where the generated client's requests go, a base URL that the library understands, and its fields."""
    origin, path = address_of(config.base_url)
    base_url = f"http://localhost{path.rstrip('/')}" if origin.socket else config.base_url
    return origin, base_url, {**config.headers, **_authorization(token)}


def _generated(base_url: str, token: str) -> AuthenticatedClient:
    # The generated class shows its token in repr, and the header that it would make of prefix and token in that of
    # copies (with_headers …). Without a prefix both are the one Secret.
    return AuthenticatedClient(base_url=base_url, token=_bearer(token), prefix="")


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": _bearer(token)} if token else {}


def _bearer(token: str) -> Secret:
    return Secret("Bearer " + token)


def _lacks_socks(library: str, proxy: NamedProxy, config: GPOConfig) -> bool:
    """Whether the library cannot use a proxy of SOCKS, which needs a package that our own connections do not. Raises
    ConfigurationError: it cannot, and the settings name it.
    """
    if find_spec("socksio") is not None:
        return False
    message = (
        f"with transport {library}, the SOCKS proxy in {proxy.origin} needs an extra:"
        ' pip install "gpo-client[socks]"; transport "own" needs none'
    )
    if config.proxy is not None:
        raise ConfigurationError(message, setting="proxy", origin=proxy.origin)
    warn_user(f"{message}. Connections go past it", UnusableProxyWarning)
    return True


def _connection_settings(config: GPOConfig) -> tuple[object, ...]:
    return config.base_url.partition(":")[0], *(getattr(config, name) for name in _OF_CONNECTIONS)


# OpenSSL's own two, which go together, and where only other programs' authorities are named, those.
_VARIABLES = (("SSL_CERT_FILE", "SSL_CERT_DIR"), ("REQUESTS_CA_BUNDLE",))


def tls_of_server(config: GPOConfig) -> ssl.SSLContext | None:
    """Return the context for connections to the service, and warn when certificates are not verified.

    None: it is reached without TLS. Raises ConfigurationError if a file for it cannot be used.
    """
    if config.base_url.startswith("https:") and config.ssl_context is None and not config.verify_ssl:
        warn_user(
            f"the certificate of {config.base_url} is not verified, because verify_ssl is off (from"
            f" {config.origin('verify_ssl')}): anybody on the way can pose as the service, read the tokens and change"
            " the answers. For a certificate of your own authority, name that in ca_bundle and leave verify_ssl on",
            InsecureConnectionWarning,
        )
    return quiet_tls_of_server(config)


def quiet_tls_of_server(config: GPOConfig) -> ssl.SSLContext | None:
    """Return the same, for those who tell themselves that certificates are not verified."""
    if not config.base_url.startswith("https:"):
        return None
    return config.ssl_context or _context(config, is_verified=config.verify_ssl, is_server=True)


def tls_of_proxy(config: GPOConfig) -> ssl.SSLContext:
    """Return the context for connections to a proxy of https, which is always verified."""
    return config.ssl_context or _context(config, is_verified=True, is_server=False)


def trust_of(config: GPOConfig, *, is_server: bool = True) -> str:
    """Return whom a client trusts, and who says so, in words. Proxies are verified whatever ``verify_ssl`` says."""
    if config.ssl_context is not None:
        return "what the program's own ssl_context trusts"
    if is_server and not config.verify_ssl:
        return f"anybody: the certificate is not verified (verify_ssl is off, from {config.origin('verify_ssl')})"
    authorities, origin = _authorities(config)
    if authorities:
        return f"the authorities in {' and '.join(authorities)} (from {origin})"
    origin = config.origin("trust")
    if config.trust == "system" and sys.platform in VERIFY_THEMSELVES:
        return f"whom the operating system trusts (trust is system, from {origin})"
    files = authorities_of(config.trust)
    places = " and ".join(path for path in (files["cafile"], files.get("capath")) if path)
    return f"the authorities in {places} (trust is {config.trust}, from {origin})"


def _context(config: GPOConfig, *, is_verified: bool, is_server: bool) -> ssl.SSLContext:
    authorities, origin = _authorities(config) if is_verified else ((), "")
    password = config.client_key_password
    shown = (config.client_cert, config.client_key, password and password.reveal()) if is_server else (None,) * 3
    try:
        return tls_context(Trust(is_verified, authorities, config.trust, *shown))
    except UnusableFileError as error:
        of_authorities = error.path not in (config.client_cert, config.client_key)
        setting = "ca_bundle" if of_authorities else "client_key" if error.path == config.client_key else "client_cert"
        origin = origin if of_authorities else config.origin(setting)
        raise ConfigurationError(f"{setting} (from {origin}): {error}", setting=setting, origin=origin) from error


def _authorities(config: GPOConfig) -> tuple[tuple[str, ...], str]:
    """Return the files and folders with the authorities to trust, and who names them; none: those of ``trust``."""
    if config.ca_bundle is not None:
        return (config.ca_bundle,), config.origin("ca_bundle")
    for variables in _VARIABLES:
        if named := [name for name in variables if os.environ.get(name)]:
            # SSL_CERT_DIR may be several folders, of which those that are not there do not count.
            folders = os.environ.get("SSL_CERT_DIR", "").split(os.pathsep) if "SSL_CERT_DIR" in named else []
            files = [os.environ[name] for name in named if name != "SSL_CERT_DIR"]
            found = [*files, *(folder for folder in folders if Path(folder).is_dir())]
            return tuple(found or folders), " and ".join(f"environment variable {name}" for name in named)
    return (), ""
