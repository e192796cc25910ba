"""The TLS contexts of a client: what its settings, and the environment, say of certificates."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from gpo_client.config import GPOConfig
from gpo_client.exceptions import ConfigurationError, InsecureConnectionWarning
from gpo_client.http.tls import Trust, UnusableFileError, tls_context
from gpo_client.user_warnings import warn_user

# OpenSSL's own two, which go together, and where only other programs' authorities are named, those.
_VARIABLES = (("SSL_CERT_FILE", "SSL_CERT_DIR"), ("REQUESTS_CA_BUNDLE",))


def tls_of_server(config: GPOConfig) -> ssl.SSLContext | None:
    """Return the context for connections to the service; None: it is reached without TLS.

    Warns when certificates are not verified.

    Raises:
        ConfigurationError: A file that the settings or the environment name cannot be used.
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
    """Return the same, for those who tell themselves that certificates are not verified.

    Raises:
        ConfigurationError: A file that the settings or the environment name cannot be used.
    """
    if not config.base_url.startswith("https:"):
        return None
    return config.ssl_context or _context(config, is_verified=config.verify_ssl, is_server=True)


def tls_of_proxy(config: GPOConfig) -> ssl.SSLContext:
    """Return the context for connections to a proxy of https, which is always verified.

    Raises:
        ConfigurationError: A file that the settings or the environment name cannot be used.
    """
    return config.ssl_context or _context(config, is_verified=True, is_server=False)


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
