"""The proxy of a client: the configured one, else the one that the environment names for such addresses."""

from __future__ import annotations

import os
import re
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit
from urllib.request import getproxies, getproxies_environment, proxy_bypass

import attrs

from gpo_client.config import GPOConfig, rules
from gpo_client.exceptions import UnusableProxyWarning, warn_user


def is_excepted(host: str, port: int, no_proxy: str) -> bool:
    """Whether connections to a host (a name, or an address without brackets) go past the proxy.

    ``no_proxy`` has names (those below them too, with or without a dot or ``*.`` in front), addresses, networks such as
    ``10.0.0.0/8``, each perhaps with a port, separated by commas or blanks; ``*`` for all.

    >>> is_excepted("api.example.com", 443, "localhost, example.com")
    True
    >>> is_excepted("10.1.2.3", 8443, "10.0.0.0/8:443")
    False
    """
    name = host.lower().removesuffix(".")
    entries = [entry for entry in re.split(r"[,\s]+", no_proxy.lower()) if entry]
    return any(entry == "*" or _means(entry, name, port) for entry in entries)


def _means(entry: str, name: str, port: int) -> bool:
    wanted, wanted_port = _with_port(entry)
    if wanted_port not in (None, port):
        return False
    try:
        address = ip_address(name)
    except ValueError:  # a name
        wanted = wanted.removeprefix("*").removeprefix(".").removesuffix(".")
        return bool(wanted) and (name == wanted or name.endswith(f".{wanted}"))
    try:
        return address in ip_network(wanted, strict=False)
    except ValueError:  # an address is below no name
        return False


def _with_port(entry: str) -> tuple[str, int | None]:
    """Return an entry without brackets, and the port that it is for."""
    found = re.fullmatch(r"\[(?P<v6>[^\]]+)\](?P<net>/\d+)?(?::(?P<port>\d+))?|(?P<other>[^:]+):(?P<its>\d+)", entry)
    if found is None:
        return entry, None
    port = found["port"] or found["its"]
    return found["other"] or found["v6"] + (found["net"] or ""), int(port) if port else None


_PORTS = {"http": 80, "https": 443}


@attrs.frozen
class NamedProxy:
    """A proxy's address, perhaps with name and password, and who names it: ``"environment variable HTTPS_PROXY"``."""

    url: str = attrs.field(repr=False)
    origin: str

    @property
    def is_socks(self) -> bool:
        """Whether it is one of SOCKS; others speak HTTP."""
        return self.url.startswith("socks")


def proxy_for(config: GPOConfig) -> NamedProxy | None:
    """Return the proxy that the settings, or else the environment or the system, name; None: connect directly.

    A proxy of the environment that cannot be used is told with a warning, and passed by: it may not even be meant for
    this program.
    """
    proxy, is_passed = _named_and_passed(config)
    return None if is_passed else proxy


def route_of(config: GPOConfig) -> str:
    """Return the way that connections of a client take, and why, in words."""
    proxy, is_passed = _named_and_passed(config)
    if config.base_url.startswith(rules.UNIX):
        return "over a Unix socket"
    if proxy is None:
        return "directly, no proxy is named"
    return (
        f"past the proxy in {proxy.origin}, because of NO_PROXY"
        if is_passed
        else f"through the proxy in {proxy.origin}"
    )


def _named_and_passed(config: GPOConfig) -> tuple[NamedProxy | None, bool]:
    """Return the proxy that is named for connections, and whether they go past it all the same."""
    if config.base_url.startswith(rules.UNIX):
        return None, False
    if config.proxy is not None:
        return NamedProxy(_named(config.proxy.reveal()), config.origin("proxy")), False
    address = urlsplit(config.base_url)
    host, port = address.hostname or "", address.port or _PORTS[address.scheme]
    environment = getproxies_environment()
    # Without any, what the system is set to, on macOS and Windows.
    is_passed = is_excepted(host, port, environment.get("no", "")) if environment else bool(proxy_bypass(host))
    return _from(environment or getproxies(), (address.scheme, "all"), host, is_told=not is_passed), is_passed


def _from(proxies: dict[str, str], names: tuple[str, ...], host: str, *, is_told: bool) -> NamedProxy | None:
    name = next((name for name in names if proxies.get(name)), None)
    if name is None:
        return None
    variable = next((one for one in (f"{name}_proxy", f"{name}_proxy".upper()) if one in os.environ), None)
    origin = f"environment variable {variable}" if variable else "the system's settings"
    # Without a scheme it is http, as everywhere else where these variables are read.
    url = proxies[name] if "://" in proxies[name] else f"http://{proxies[name]}"
    if rules.is_proxy(url):
        return NamedProxy(_named(url), origin)
    if not is_told:
        return None
    warn_user(
        f"the proxy in {origin} cannot be used, and connections go past it: it must be {rules.PROXY.expected}."
        f" Set proxy (GPO_API_PROXY) to another, or NO_PROXY={host} to go without one",
        UnusableProxyWarning,
    )
    return None


def _named(url: str) -> str:
    """Return the address with the scheme that is meant: desktops write ``socks``."""
    scheme, _, rest = url.partition("://")
    return f"socks5h://{rest}" if scheme.lower() == "socks" else f"{scheme.lower()}://{rest}"
