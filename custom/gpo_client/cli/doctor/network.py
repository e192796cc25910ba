"""From here to the server, one layer after the other: name, connection, encryption."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Generator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import attrs

from gpo_client.cli.doctor.finding import Finding, failed, ok, skipped
from gpo_client.client.certificates import quiet_tls_of_server, tls_of_proxy
from gpo_client.config import GPOConfig
from gpo_client.config.rules import is_loopback
from gpo_client.config.settings import START_SANDBOX

# A certificate that ends this soon should have been renewed by now.
_DAYS_TO_RENEW = 14


@attrs.frozen
class Target:
    """Where connections go: the service, or the proxy before it.

    Attributes:
        host: The name or address.
        port: The port.
        is_tls: Whether the connection is encrypted from its beginning.
        what: What it is, in words.
    """

    host: str
    port: int
    is_tls: bool
    what: str

    @classmethod
    def of(cls, config: GPOConfig) -> Target:
        """Return the target of a client with these settings."""
        url = urlsplit(config.proxy or config.base_url)
        is_tls = url.scheme == "https"
        what = "the proxy " if config.proxy else ""
        return cls(str(url.hostname or ""), url.port or (443 if is_tls else 80), is_tls, what)

    @property
    def name(self) -> str:
        """The target for people."""
        return f"{self.what}{self.host} port {self.port}"


def examine_network(config: GPOConfig) -> Generator[Finding, None, bool]:
    """Resolve, connect and shake hands; the result is whether all of it worked."""
    target = Target.of(config)
    with ExitStack() as stack:
        try:
            addresses = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            remedy = "is the host's name spelt right (GPO_API_BASE_URL, --base-url)? Is there a network?"
            yield failed("resolve", f"{target.what}{target.host} has no address: {_reason(error)}", remedy)
            return False
        yield ok("resolve", f"{target.what}{target.host} is {', '.join(sorted({str(a[4][0]) for a in addresses}))}")
        began = time.monotonic()
        try:
            connection = socket.create_connection((target.host, target.port), timeout=config.connect_timeout)
        except OSError as error:
            yield failed("connect", f"{target.name}: {_reason(error)}", _remedy(error, target))
            return False
        stack.enter_context(connection)
        yield ok("connect", f"{target.name} in {_milliseconds(began)}")
        finding = _shake_hands(connection, target, config)
        yield finding
        return not finding.code


def _remedy(error: OSError, target: Target) -> str:
    if isinstance(error, ConnectionRefusedError) and is_loopback(target.host):
        return f"is the server running? Start a sandbox with '{START_SANDBOX}', or see GPO_API_BASE_URL and --base-url"
    return "is its address right (GPO_API_BASE_URL, --base-url)? Does a firewall let it through?"


def _shake_hands(connection: socket.socket, target: Target, config: GPOConfig) -> Finding:
    if not target.is_tls:
        reason = "the proxy is reached with http://" if config.proxy else "the address begins with http://"
        return skipped("tls", f"{reason}: the connection is not encrypted")
    began = time.monotonic()
    context = None if config.proxy else quiet_tls_of_server(config)
    try:
        with (context or tls_of_proxy(config)).wrap_socket(connection, server_hostname=target.host) as secured:
            return _judge(secured, began, config)
    except ssl.SSLCertVerificationError as error:
        remedy = "is it the right host? A private authority: set ca_bundle (GPO_API_CA_BUNDLE), or SSL_CERT_FILE"
        return failed("tls", f"the certificate is not valid: {error.verify_message}", remedy)
    except OSError as error:
        return failed("tls", _reason(error), f"does port {target.port} speak TLS? If not, use http://")


def _judge(secured: ssl.SSLSocket, began: float, config: GPOConfig) -> Finding:
    told = f"{secured.version()} in {_milliseconds(began)}"
    if not config.verify_ssl:
        return ok("tls", f"{told}; the certificate is not verified (verify_ssl is off)")
    days = _days_left(secured.getpeercert() or {})
    hurry = "; it should be renewed by now" if days < _DAYS_TO_RENEW else ""
    return ok("tls", f"{told}; the certificate is valid for {days} days{hurry}")


def _days_left(certificate: Any) -> int:
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    return (ends - datetime.now(UTC)).days


def _milliseconds(began: float) -> str:
    return f"{(time.monotonic() - began) * 1000:.0f} ms"


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
