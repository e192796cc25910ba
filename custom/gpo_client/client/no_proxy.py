"""Which hosts ``NO_PROXY`` means, as curl reads it, and with the ports that others allow."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network


def is_excepted(host: str, port: int, no_proxy: str) -> bool:
    """Whether connections to a host go past the proxy.

    Args:
        host: A name, or an address without brackets.
        port: The port.
        no_proxy: Names (those below them too, with or without a dot or ``*.`` in front), addresses, networks such as
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
