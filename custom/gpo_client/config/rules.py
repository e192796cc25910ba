"""What a setting's value may be, told in one place for every source it can come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn
from urllib.parse import SplitResult, urlsplit

import attrs
import msgspec

from gpo_client.exceptions import ConfigurationError
from gpo_client.models.secret import IS_MASKED, Secret, holds_mask


@attrs.frozen
class Rule:
    """One kind of setting.

    Attributes:
        kind: The type of a value, in msgspec's terms.
        accepts: Whether a value of that type is possible.
        expected: Completes "must be …".
        secret: Whether the value must not be shown.
    """

    kind: Any
    accepts: Callable[[Any], bool]
    expected: str
    secret: bool = False

    def check(self, name: str, value: object, origin: str) -> None:
        """Raise ConfigurationError unless ``value`` is possible for the setting ``name``."""
        try:
            checked = msgspec.convert(value, self.kind)
        except msgspec.ValidationError as error:
            self._refuse(name, value, origin, error)
        if not self.accepts(checked):
            self._refuse(name, value, origin, None)

    def read(self, name: str, value: object, origin: str) -> Any:
        """The value of a setting that came as text (environment) or loosely typed (files), checked."""
        if isinstance(value, str) and value.strip().lower() in ("none", ""):
            value = None
        try:
            read = msgspec.convert(value, self.kind, strict=False)
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
    url = _web_address(value)
    return url is not None and not (url.query or url.fragment or url.username or url.password)


def _is_proxy(value: str) -> bool:
    return _web_address(value) is not None


def _web_address(value: str) -> SplitResult | None:
    try:
        url = urlsplit(value)
        _ = url.port  # raises on a port that is no number from 0 to 65535
    except ValueError:
        return None
    return url if url.scheme in ("http", "https") and url.hostname and not _has_controls(value) else None


def _has_controls(value: str) -> bool:
    return any(ord(character) <= 0x20 or ord(character) == 0x7F for character in value)


def _is_header_value(value: str) -> bool:
    return value.isascii() and value.isprintable() and value == value.strip()


BASE_URL = Rule(
    str, _is_base_url, 'an http:// or https:// address such as "https://gpo.example.com", without credentials'
)
PROXY = Rule(
    str | None,
    lambda v: v is None or (_is_proxy(v) and not holds_mask(v)),
    "the http:// or https:// address of a proxy, or none",
    secret=True,
)
SECRET = Rule(
    str | None,
    lambda v: v is None or (bool(v) and _is_header_value(v) and not holds_mask(v)),
    "a text of visible ASCII characters, or none",
    secret=True,
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
COUNT = Rule(int, lambda v: v >= 0, "a whole number, 0 or more")
SIZE = Rule(int, lambda v: v >= 1, "a whole number, 1 or more")
SIZE_OR_NONE = Rule(int | None, lambda v: v is None or v >= 1, "a whole number, 1 or more, or none for no limit")
SWITCH = Rule(bool, lambda _: True, "true or false")


def normal_address(value: str) -> str:
    """The address as all else expects it: its scheme in lower case (RFC 3986 §3.1), without a slash at the end."""
    # What is no text stays as it is, here and below, for the rule to refuse.
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        return value
    scheme, colon, rest = value.partition(":")
    return (scheme.lower() + colon + rest).rstrip("/")  # paths begin with a slash: it would be doubled


def secret(value: str | None) -> Secret | None:
    """Wrap a key at the edge, before anything can print it."""
    return Secret(value) if isinstance(value, str) else value
