"""Settings of a relay, and what they say of the pages that may use it.

Origins are those of the Fetch standard's CORS; for WebSockets see RFC 6455 §10.2.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from types import NoneType
from typing import Any, cast
from urllib.parse import urlsplit

import attrs

from gpo_client.exceptions import InvalidArgumentError


def check_number(name: str, value: object, low: float, high: float = math.inf, *, is_whole: bool = False) -> None:
    """Check that a setting is a number between two bounds, which are allowed.

    Raises InvalidArgumentError: it is not; ``field`` names it.
    """
    is_number = isinstance(value, int if is_whole else (int, float)) and not isinstance(value, bool)
    if not (is_number and low <= value <= high):  # type: ignore[operator]
        bounds = f"from {low:g} to {high:g}" if high < math.inf else f"of at least {low:g}"
        message = f"{name} must be a {'whole ' * is_whole}number {bounds}, not {value!r}"
        raise InvalidArgumentError(message, field=name)


def check_type(name: str, value: object, *kinds: type) -> None:
    """Check that an argument is what is relayed, before a browser is told that something went wrong.

    Raises:
        InvalidArgumentError: It is not; ``field`` names it.
    """
    if not isinstance(value, kinds):
        wanted = " or ".join("None" if kind is NoneType else f"a {kind.__name__}" for kind in kinds)
        message = f"{name} must be {wanted}, not {type(value).__name__}"
        raise InvalidArgumentError(message, field=name)


def number(low: float, high: float = math.inf, *, is_whole: bool = False) -> Any:
    """Return what checks a field as :func:`check_number` does."""

    def check(_: object, field: attrs.Attribute[Any], value: object) -> None:
        check_number(field.name, value, low, high, is_whole=is_whole)

    return check


_count = number(1, is_whole=True)


def _texts(_: object, field: attrs.Attribute[Any], value: Any) -> None:
    if isinstance(value, str | Mapping) or not _are_texts(value):
        raise InvalidArgumentError(f"{field.name} must be a list of texts, not {value!r}", field=field.name)


# As browsers send it: RFC 6454 §6.1, of schemes such as those of apps and extensions too. Pages without one say "null".
_ORIGIN = re.compile(r"[*]|null|[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]+)?")
_SURPLUS = re.compile(r"http://.*:80|https://.*:443")


def _origins(settings: object, field: attrs.Attribute[Any], value: Any) -> None:
    """Refuse what no browser sends: it would let nobody in, and nothing would say why."""
    _texts(settings, field, value)
    for origin in value:
        if not _ORIGIN.fullmatch(origin) or _SURPLUS.fullmatch(origin):
            form = '"https://app.example.com": in lower case, without path, pattern or the usual port; or "*" for all'
            raise InvalidArgumentError(
                f"{field.name} must name sites as browsers do ({form}), not {origin!r}", field=field.name
            )


def _texts_by_code(_: object, field: attrs.Attribute[Any], value: Any) -> None:
    if not isinstance(value, Mapping) or not _are_texts([*value, *value.values()]):
        raise InvalidArgumentError(f"{field.name} must be texts by their codes, not {value!r}", field=field.name)


def _are_texts(given: Any) -> bool:
    return isinstance(given, Collection) and all(isinstance(each, str) for each in cast("Collection[object]", given))


@attrs.frozen(kw_only=True)
class RelayOptions:
    """Settings of a relay.

    Attributes:
        heartbeat_s: The longest silence on an event stream, in seconds; then a heartbeat comment is sent. Default 15.
        grace_s: How long an answer goes on when its last browser has gone, in seconds; whoever comes back by then
            continues it. Then the request to the GPO API is closed. Default 30.
        stuck_s: How long a connected browser may take none of what is being sent to it, in seconds; then it is taken
            for gone, its connection is closed, and the service's log says so. Default 60.
        window: How many events an answer may be ahead of its reader; then no more is read from the GPO API until the
            reader has caught up. Default 64.
        retry_ms: How long a browser shall wait before it comes back, in milliseconds. Default 1000.
        max_running: How many answers may be written at the same time; more are refused as ``busy``. Default 500.
        max_query_chars: The longest question that ``websocket_chat`` takes, in characters. Default 8000.
        max_message_bytes: The largest message that ``websocket_chat`` takes, in bytes. Default 65536.
        question_timeout_s: How long ``websocket_chat`` waits for the question, in seconds. Default 60.
        allowed_origins: The origins of other sites whose pages may use the relay, such as
            ``"https://app.example.com"``, as browsers send them; ``"*"`` for all. Default: none, only pages of the
            service's own origin.
        allow_credentials: Whether pages of those sites may send their cookies along; not with ``"*"``. Default False.
        metadata_fields: The fields of the chunks' ``metadata`` that a browser may see. Default: ``message_id``,
            ``model_used``, ``response_time_ms``, ``chunk_count`` and ``fallback``.
        problem_texts: Sentences for problems by their code, to say them in another language. Default: English.

    Raises:
        InvalidArgumentError: A value is impossible; ``field`` names it.

    >>> RelayOptions(grace_s=10).acknowledge_s
    1.0
    """

    heartbeat_s: float = attrs.field(default=15.0, validator=number(0.01, 3600))
    grace_s: float = attrs.field(default=30.0, validator=number(0.01, 86400))
    stuck_s: float = attrs.field(default=60.0, validator=number(0.01, 86400))
    window: int = attrs.field(default=64, validator=_count)
    retry_ms: int = attrs.field(default=1000, validator=number(0, 3_600_000, is_whole=True))
    max_running: int = attrs.field(default=500, validator=_count)
    max_query_chars: int = attrs.field(default=8000, validator=_count)
    max_message_bytes: int = attrs.field(default=65536, validator=_count)
    question_timeout_s: float = attrs.field(default=60.0, validator=number(0.01, 86400))
    allowed_origins: Collection[str] = attrs.field(default=(), validator=_origins)
    allow_credentials: bool = attrs.field(default=False)
    metadata_fields: Collection[str] = attrs.field(
        default=("message_id", "model_used", "response_time_ms", "chunk_count", "fallback"), validator=_texts
    )
    problem_texts: Mapping[str, str] = attrs.field(factory=dict[str, str], validator=_texts_by_code)

    @allow_credentials.validator  # pyright: ignore[reportUntypedFunctionDecorator, reportAttributeAccessIssue, reportUnknownMemberType]
    def _not_everybodys_cookies(self, _: object, allowed: object) -> None:
        if not isinstance(allowed, bool):
            raise InvalidArgumentError(
                f"allow_credentials must be True or False, not {allowed!r}", field="allow_credentials"
            )
        if allowed and "*" in self.allowed_origins:
            message = (
                'allow_credentials lets every site act as its visitors where allowed_origins is "*": name the sites'
            )
            raise InvalidArgumentError(message, field="allow_credentials")

    @property
    def acknowledge_s(self) -> float:
        """How often a log is told that a reader is there, in seconds: often enough never to be missed in between."""
        return min(1.0, self.grace_s / 2)

    @property
    def acknowledge_entries(self) -> int:
        """After how many entries a log is told how far a reader is: before the writer would have to wait for it."""
        return max(1, self.window // 2)

    @property
    def wanted_s(self) -> float:
        """How long after the last sign of a reader an answer goes on, in seconds."""
        # A reader that leaves says so, and then the grace time counts. Only one that died silently is waited for.
        # Nor does one say anything while it is being sent something.
        return max(self.grace_s, self.stuck_s) + 3 * self.acknowledge_s


_LOG = logging.getLogger("gpo_client.relay")

_DEFAULT_PORTS = {"http": 80, "https": 443, "": None}


def is_allowed(headers: Mapping[str, str], options: RelayOptions) -> bool:
    """Whether a request may be served, as far as its origin tells. A rejection is logged.

    Programs send no ``Origin``, and pages of the service itself send its own address. Both are allowed; what other
    sites' pages may do is the service's to say.

    >>> is_allowed({"origin": "https://example.com", "host": "example.com:443"}, RelayOptions())
    True
    >>> is_allowed({"origin": "https://elsewhere.example", "host": "example.com"}, RelayOptions())
    False
    """
    origin = headers.get("origin")
    if origin is None or "*" in options.allowed_origins or origin in options.allowed_origins:
        return True
    # Browsers say what they know, and no page can say it for them. Behind a proxy, Host may be another than the page's.
    site = headers.get("sec-fetch-site")
    if site == "same-origin" or (site is None and _is_own(origin, headers.get("host", ""))):
        return True
    _LOG.warning(
        "a page of %.200r may not use this service at Host %.200r (Sec-Fetch-Site: %.20r): "
        "name its origin in allowed_origins, or have the proxy pass the Host on",
        origin,
        headers.get("host"),
        site,
    )
    return False


def cors_headers(origin: str | None, options: RelayOptions) -> dict[str, str]:
    """Return the response headers that let another site's page, of the request's ``Origin``, read the answer."""
    if not options.allowed_origins:
        return {}
    headers = {"Vary": "Origin"}
    if origin is not None and ("*" in options.allowed_origins or origin in options.allowed_origins):
        headers["Access-Control-Allow-Origin"] = origin if options.allow_credentials else _shown(origin, options)
        if options.allow_credentials:
            headers["Access-Control-Allow-Credentials"] = "true"
    return headers


def preflight_headers(headers: Mapping[str, str], options: RelayOptions) -> dict[str, str]:
    """Return the response headers that answer a preflight request, beside :func:`cors_headers`."""
    if "access-control-allow-origin" not in map(str.lower, cors_headers(headers.get("origin"), options)):
        return {}
    asked = headers.get("access-control-request-headers")
    return {
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Max-Age": "600",
        **({"Access-Control-Allow-Headers": asked} if asked else {}),
    }


def _is_own(origin: str, host: str) -> bool:
    """Whether an origin is the address that was asked, default ports being the same as none."""
    with suppress(ValueError):
        page, asked = urlsplit(origin), urlsplit(f"//{host}")
        default = _DEFAULT_PORTS.get(page.scheme)
        # A proxy may have ended TLS, so the scheme is not compared.
        return page.hostname == asked.hostname and (page.port or default) == (asked.port or default)
    return False


def _shown(origin: str, options: RelayOptions) -> str:
    return "*" if "*" in options.allowed_origins else origin
