"""Rules for the values of settings, whichever source they come from."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, quote, unquote, urlsplit

import attrs
import msgspec

from gpo_client.config.header_fields import fields_from, problem_with
from gpo_client.config.keys import is_provider
from gpo_client.exceptions import ConfigurationError
from gpo_client.models.secret import IS_MASKED, Secret, holds_mask


@attrs.frozen
class Rule:
    """One kind of setting."""

    kind: Any  # the type of a value, in msgspec's terms
    accepts: Callable[[Any], bool]  # whether a value of that type is possible
    expected: str  # completes "must be …"
    secret: bool = False  # whether the value must not be shown
    # The value as all else expects it, of a value in any of the forms that are accepted
    normal: Callable[[Any], Any] = lambda value: value
    # What a value of that type cannot be, in words that follow the setting's name; None: all is well
    problem: Callable[[Any], str | None] = lambda _: None
    # Whether a value is an object that only a program can give, which is taken as it is
    is_object: Callable[[Any], bool] = lambda _: False

    @property
    def is_text(self) -> bool:
        """Whether a value can be written in the environment or a file."""
        return self.kind is not None

    def check(self, name: str, value: object, origin: str) -> None:
        """Raise ConfigurationError unless ``value`` is possible for the setting ``name``."""
        value = self.normal(value)
        if self.is_object(value):
            return
        if (problem := self.problem(value)) is not None:
            raise ConfigurationError(f"{name} {problem} (from {origin})", setting=name, origin=origin)
        try:
            checked = msgspec.convert(value, self.kind)
        except msgspec.ValidationError as error:
            self._refuse(name, value, origin, error)
        if not self.accepts(checked):
            self._refuse(name, value, origin, None)

    def read(self, name: str, value: object, origin: str) -> Any:
        """Return the value of a setting that came as text (environment) or loosely typed (files), checked."""
        if isinstance(value, str) and value.strip().lower() in ("none", ""):
            value = None
        if not self.is_text:
            self._refuse(name, value, origin, None)
        try:
            read = msgspec.convert(self.normal(value), self.kind, strict=False)
        except msgspec.ValidationError as error:
            self._refuse(name, value, origin, error)
        self.check(name, read, origin)
        return read

    def _refuse(self, name: str, value: object, origin: str, cause: Exception | None) -> NoReturn:
        # An address with an @ may hold a password, wherever it was put.
        shown = "the value given" if self.secret or "@" in str(value) else repr(value)
        if self.secret and isinstance(value, str) and holds_mask(value):
            shown += f", which is none: {IS_MASKED}"
        raise ConfigurationError(
            f"{name} must be {self.expected}, not {shown} (from {origin})", setting=name, origin=origin
        ) from cause


def _is_base_url(value: str) -> bool:
    if value.startswith(f"{UNIX}://"):
        return _is_socket(unquote(urlsplit(value).netloc))
    url = _web_address(value, ("http", "https"))
    return url is not None and not (url.query or url.fragment or url.username or url.password)


def _is_socket(path: str) -> bool:
    return path.startswith("/") and not _has_controls(path.replace(" ", ""))


def is_proxy(value: str) -> bool:
    """Whether this is the address of a proxy that can be used."""
    return _web_address(value, PROXY_SCHEMES) is not None


def _web_address(value: str, schemes: tuple[str, ...]) -> SplitResult | None:
    try:
        url = urlsplit(value)
        _ = url.port  # raises on a port that is no number from 0 to 65535
    except ValueError:
        return None
    return url if url.scheme in schemes and url.hostname and not _has_controls(value) else None


def _has_controls(value: str) -> bool:
    return any(ord(character) <= 0x20 or ord(character) == 0x7F for character in value)


def _is_header_value(value: str) -> bool:
    return value.isascii() and value.isprintable() and value == value.strip()


def normal_address(value: Any) -> Any:
    """Return the address as all else expects it: its scheme in lower case (RFC 3986 §3.1), without a slash at the end.

    The path of a Unix socket becomes the host, percent-encoded, so that a path of the API can follow:

    >>> normal_address("http+unix:///run/gpo.sock")
    'http+unix://%2Frun%2Fgpo.sock'
    """
    if not isinstance(value, str):  # for the rule to refuse, as what is below
        return value
    scheme, colon, rest = value.partition(":")
    if scheme.lower() == UNIX and rest.startswith("///"):
        rest = f"//{quote(rest[2:].rstrip('/'), safe='')}"
    return (scheme.lower() + colon + rest).rstrip("/")  # paths begin with a slash: it would be doubled


def secret(value: Any) -> Any:
    """Wrap a key at the edge, before anything can print it."""
    return Secret(value) if isinstance(value, str) else value


def path(value: Any) -> Any:
    """Return a path as text, with the home folder in the place of ``~``."""
    return str(Path(value).expanduser()) if value and isinstance(value, str | os.PathLike) else value  # pyright: ignore[reportUnknownArgumentType]


#: The scheme of an address that is a Unix socket, as the requests-unixsocket convention has it.
UNIX = "http+unix"
#: The schemes of proxies: what is resolved by the proxy ends in ``h``, as for curl; ``socks`` is what desktops set.
PROXY_SCHEMES = ("http", "https", "socks5", "socks5h", "socks")

BASE_URL = Rule(
    str,
    _is_base_url,
    'an http:// or https:// address such as "https://gpo.example.com", without credentials, or "http+unix:///path"',
    normal=normal_address,
)
PROXY = Rule(
    str | None,
    lambda v: v is None or (is_proxy(v) and not holds_mask(v)),
    "the http://, https://, socks5:// or socks5h:// address of a proxy, or none",
    secret=True,
    normal=secret,
)
SECRET = Rule(
    str | None,
    lambda v: v is None or (bool(v) and _is_header_value(v) and not holds_mask(v)),
    "a text of visible ASCII characters, or none",
    secret=True,
    normal=secret,
)
API_KEY = attrs.evolve(
    SECRET,
    expected="a text of visible ASCII characters, a function that gives it, a credential with get_token(), or none",
    is_object=is_provider,
)
TEXT = Rule(str | None, lambda v: v is None or bool(v.strip()), "a text, or none")
PASSWORD = Rule(
    str | None, lambda v: v is None or (bool(v) and not holds_mask(v)), "a text, or none", secret=True, normal=secret
)
FILE = Rule(
    str | None, lambda v: v is None or (bool(v) and Path(v).is_file()), "the path of a file, or none", normal=path
)
FILE_OR_FOLDER = Rule(
    str | None,
    lambda v: v is None or (bool(v) and Path(v).exists()),
    "the path of a file or folder, or none",
    normal=path,
)
HEADERS = Rule(Any, lambda _: True, "", secret=True, normal=fields_from, problem=problem_with)
TLS_CONTEXT = Rule(
    None,
    lambda v: v is None,
    "an ssl.SSLContext, given by a program",
    is_object=lambda v: isinstance(v, ssl.SSLContext),
)
HEADER = Rule(str, lambda v: bool(v) and _is_header_value(v), "a text of visible ASCII characters")
SECONDS = Rule(
    float | None,
    lambda v: v is None or 0 < v < float("inf"),
    "a number of seconds greater than 0, or none to wait without limit",
)
RATE = Rule(float | None, lambda v: v is None or 0 < v < float("inf"), "a number greater than 0, or none for no limit")
DURATION = Rule(float, lambda v: 0 <= v < float("inf"), "a number of seconds, 0 or more")
TRANSPORT = Rule(str, lambda v: v in ("own", "httpx", "httpx2"), 'one of "own", "httpx" and "httpx2"')
TRUST = Rule(str, lambda v: v in ("system", "certifi"), '"system" or "certifi"')
COUNT = Rule(int, lambda v: v >= 0, "a whole number, 0 or more")
SIZE = Rule(int, lambda v: v >= 1, "a whole number, 1 or more")
SIZE_OR_NONE = Rule(int | None, lambda v: v is None or v >= 1, "a whole number, 1 or more, or none for no limit")
SWITCH = Rule(bool, lambda _: True, "true or false")


def require_https(base_url: str, allowed: bool, origin: str) -> None:
    """Refuse an address, from ``origin``, whose connections everybody on the way can read.

    Raises ConfigurationError if it is http, on another machine, and not ``allowed`` (``allow_insecure_http``).

    >>> require_https("http://127.0.0.1:8760", False, "an argument")
    >>> require_https("http://gpo.example.com", True, "an argument")
    """
    address = urlsplit(base_url)
    if address.scheme == "http" and not allowed and not is_loopback(address.hostname or ""):
        raise ConfigurationError(
            f"base_url must be https, not {base_url!r} (from {origin}): everybody on the way could read the tokens."
            " Where you trust the network itself, set allow_insecure_http=True (GPO_API_ALLOW_INSECURE_HTTP=true)",
            setting="base_url",
            origin=origin,
        )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: by name (RFC 6761 §6.3) or number (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3)."""
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:  # any other name
        return False
