"""What checks find, and the checks from here to the server, one layer after the other: name, connection, encryption."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Generator
from contextlib import ExitStack
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import attrs
from rich.text import Text

from gpo_client.cli.exit_codes import ExitCode, exit_code, line_of, with_option
from gpo_client.client.connections import quiet_tls_of_server, tls_of_proxy, trust_of
from gpo_client.client.proxies import proxy_for
from gpo_client.config import GPOConfig
from gpo_client.config.rules import is_loopback
from gpo_client.config.settings import START_SANDBOX
from gpo_client.exceptions import ConfigurationError
from gpo_client.http.errors import HttpError, ProxyFailed
from gpo_client.http.network.sockets import SyncOpening
from gpo_client.http.options import Options, Origin, Proxy, address_of
from gpo_client.http.sync.connecting import connect_through
from gpo_client.http.tls import described
from gpo_client.printable import one_line

# A certificate that ends this soon should have been renewed by now.
_DAYS_TO_RENEW = 14
_TRUST = "is it the right host? A private authority: set ca_bundle (GPO_API_CA_BUNDLE), or SSL_CERT_FILE"


class State(StrEnum):
    """How a check went."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


_STYLES = {State.OK: "green", State.FAILED: "bold red", State.SKIPPED: "dim"}


@attrs.frozen(kw_only=True)
class Finding:
    """The outcome of one check."""

    check: str
    state: State  # how it went; skipped when there was nothing to check
    detail: str
    remedy: str | None = None
    code: ExitCode = ExitCode.OK  # the exit code that a failure stands for

    def line(self) -> Text:
        """Return the finding in one line."""
        remedy = f" - {one_line(self.remedy)}" if self.remedy else ""
        state = (f"{self.state:<8}", _STYLES[self.state])
        return Text.assemble(state, f"{self.check:<12}", one_line(self.detail), remedy)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON."""
        return {"check": self.check, "state": self.state.value, "detail": self.detail, "remedy": self.remedy}


def ok(check: str, detail: str) -> Finding:
    """Return a check that went well."""
    return Finding(check=check, state=State.OK, detail=detail)


def skipped(check: str, reason: str) -> Finding:
    """Return a check that was not made."""
    return Finding(check=check, state=State.SKIPPED, detail=reason)


def failed(check: str, detail: str, remedy: str, code: ExitCode = ExitCode.CONNECTION) -> Finding:
    """Return a check that failed."""
    return Finding(check=check, state=State.FAILED, detail=detail, remedy=remedy, code=code)


@attrs.frozen
class Target:
    """Where connections go: the service, or the proxy before it."""

    origin: Origin
    proxy: Proxy | None = None

    @classmethod
    def of(cls, config: GPOConfig) -> Target:
        """Return the target of a client with these settings."""
        if (named := proxy_for(config)) is None:
            return cls(address_of(config.base_url).origin)
        proxy = Proxy.at(named.url, named.origin)
        return cls(proxy.origin, proxy)

    @property
    def host(self) -> str:
        """The name or address, with what it is."""
        return self.origin.socket or f"{'the proxy ' if self.proxy else ''}{self.origin.host}"

    @property
    def named(self) -> str:
        """Its address, as it was given, and where to correct it."""
        if self.proxy:
            return "the proxy's address (GPO_API_PROXY, --proxy, or HTTPS_PROXY and the like; NO_PROXY goes past it)"
        return "the service's address (GPO_API_BASE_URL, --base-url)"

    @property
    def name(self) -> str:
        """The target for people."""
        return self.host if self.origin.socket else f"{self.host} port {self.origin.port}"


def examine_network(config: GPOConfig) -> Generator[Finding, None, bool]:
    """Resolve, connect and shake hands; the result is whether all of it worked."""
    target = Target.of(config)
    with ExitStack() as stack:
        try:
            yield _resolved(target)
        except (OSError, UnicodeError) as error:
            remedy = f"is {target.named} spelt right? Is there a network?"
            yield failed("resolve", f"{target.host} has no address: {_reason(error)}", remedy)
            return False
        began = time.monotonic()
        try:
            connection = stack.enter_context(_connected(target.origin, config.connect_timeout))
        except OSError as error:
            yield failed("connect", f"{target.name}: {_reason(error)}", _remedy(error, target))
            return False
        yield ok("connect", f"{target.name} in {_milliseconds(began)}")
        is_beyond = target.proxy is not None and config.base_url.startswith("https:")
        try:
            finding = _shake_hands_beyond(target, config) if is_beyond else _shake_hands(connection, target, config)
        except ConfigurationError as error:  # files are read when they are needed
            finding = failed("tls", line_of(error), "name another file, or take the variable away", exit_code(error))
        yield finding
        return not finding.code


def _resolved(target: Target) -> Finding:
    if target.origin.socket:
        return skipped("resolve", f"{target.host} is a socket on this machine")
    addresses = socket.getaddrinfo(target.origin.host, target.origin.port, type=socket.SOCK_STREAM)
    return ok("resolve", f"{target.host} is {', '.join(sorted({str(a[4][0]) for a in addresses}))}")


def _connected(origin: Origin, timeout: float | None) -> socket.socket:
    if not origin.socket:
        return socket.create_connection((origin.host, origin.port), timeout=timeout)
    connecting = socket.socket(socket.AF_UNIX)
    try:
        connecting.settimeout(timeout)
        connecting.connect(origin.socket)
    except BaseException:
        connecting.close()
        raise
    return connecting


def _shake_hands_beyond(target: Target, config: GPOConfig) -> Finding:
    """Shake hands with the service, through the proxy."""
    began, options = time.monotonic(), Options(tls=quiet_tls_of_server(config), proxy=target.proxy)
    if target.origin.is_tls:
        options = attrs.evolve(options, proxy_tls=tls_of_proxy(config))
    try:
        with SyncOpening() as opening:
            line = connect_through(address_of(config.base_url).origin, options, config.connect_timeout, opening)
    except ProxyFailed as error:
        return failed("tls", str(error), f"is {target.named} right, with name and password, if it wants them?")
    except HttpError as error:
        return failed("tls", f"{error}; {_trusted(config)}", _TRUST)
    told = described(line.certificate())
    line.close()
    return ok("tls", f"through the proxy in {_milliseconds(began)}; {told}; {_trusted(config)}")


def _remedy(error: OSError, target: Target) -> str:
    if isinstance(error, ConnectionRefusedError) and not target.proxy and is_loopback(target.origin.host):
        return f"is the server running? Start a sandbox with '{START_SANDBOX}', or see GPO_API_BASE_URL and --base-url"
    return f"is {target.named} right? Does a firewall let it through?"


def _shake_hands(connection: socket.socket, target: Target, config: GPOConfig) -> Finding:
    if not target.origin.is_tls:
        reason = (
            f"the proxy is reached with {target.origin.scheme}://"
            if target.proxy
            else "the address begins with http://"
        )
        if target.origin.socket:
            reason = "it is a socket on this machine"
        return skipped("tls", f"{reason}: the connection is not encrypted")
    began = time.monotonic()
    context = None if target.proxy else quiet_tls_of_server(config)
    try:
        with (context or tls_of_proxy(config)).wrap_socket(connection, server_hostname=target.origin.host) as secured:
            return _judge(secured, began, _trusted(config, target))
    except ssl.SSLCertVerificationError as error:
        told = f"the certificate is not valid: {error.verify_message}; {_trusted(config, target)}"
        return failed("tls", told, _TRUST)
    except OSError as error:
        return failed("tls", _reason(error), f"does port {target.origin.port} speak TLS? If not, use http://")


def _judge(secured: ssl.SSLSocket, began: float, trusted: str) -> Finding:
    told = f"{secured.version()} in {_milliseconds(began)}"
    if certificate := secured.getpeercert():  # empty where none is verified
        days = _days_left(certificate)
        hurry = "; it should be renewed by now" if days < _DAYS_TO_RENEW else ""
        told = f"{told}; the certificate is valid for {days} days{hurry}"
    return ok("tls", f"{told}; {trusted}")


def _trusted(config: GPOConfig, target: Target | None = None) -> str:
    told = trust_of(config, is_server=target is None or target.proxy is None)
    return f"trusted: {with_option(told, 'ca_bundle')}"


def _days_left(certificate: Any) -> int:
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    return (ends - datetime.now(UTC)).days


def _milliseconds(began: float) -> str:
    return f"{(time.monotonic() - began) * 1000:.0f} ms"


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
