"""What can be set about a relay."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import attrs

from gpo_client.exceptions import InvalidArgumentError


def _within(low: float, high: float) -> Any:
    def check(_: object, field: attrs.Attribute[Any], value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            bounds = f"from {low:g} to {high:g}" if high < math.inf else f"of at least {low:g}"
            raise InvalidArgumentError(f"{field.name} must be a number {bounds}, not {value!r}", field=field.name)

    return check


def _texts(_: object, field: attrs.Attribute[Any], value: Any) -> None:
    if isinstance(value, str) or not all(isinstance(item, str) for item in value):
        raise InvalidArgumentError(f"{field.name} must be a list of texts, not {value!r}", field=field.name)


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
            ``"https://app.example.com"``. Default: none, only pages of the service's own origin.
        allow_credentials: Whether pages of those sites may send their cookies along; not with ``"*"``. Default False.
        metadata_fields: The fields of the chunks' ``metadata`` that a browser may see. Default: ``message_id``,
            ``model_used``, ``response_time_ms``, ``chunk_count`` and ``fallback``.
        problem_texts: Sentences for problems by their code, to say them in another language. Default: English.

    Raises:
        InvalidArgumentError: A value is impossible; ``field`` names it.

    >>> RelayOptions(grace_s=10).acknowledge_s
    1.0
    """

    heartbeat_s: float = attrs.field(default=15.0, validator=_within(0.01, 3600))
    grace_s: float = attrs.field(default=30.0, validator=_within(0.01, 86400))
    stuck_s: float = attrs.field(default=60.0, validator=_within(0.01, 86400))
    window: int = attrs.field(default=64, validator=_within(1, math.inf))
    retry_ms: int = attrs.field(default=1000, validator=_within(0, 3_600_000))
    max_running: int = attrs.field(default=500, validator=_within(1, math.inf))
    max_query_chars: int = attrs.field(default=8000, validator=_within(1, math.inf))
    max_message_bytes: int = attrs.field(default=65536, validator=_within(1, math.inf))
    question_timeout_s: float = attrs.field(default=60.0, validator=_within(0.01, 86400))
    allowed_origins: Collection[str] = attrs.field(default=(), validator=_texts)
    allow_credentials: bool = attrs.field(default=False)
    metadata_fields: Collection[str] = attrs.field(
        default=("message_id", "model_used", "response_time_ms", "chunk_count", "fallback"), validator=_texts
    )
    problem_texts: Mapping[str, str] = attrs.field(factory=dict[str, str])

    @allow_credentials.validator  # pyright: ignore[reportUntypedFunctionDecorator, reportAttributeAccessIssue, reportUnknownMemberType]
    def _not_everybodys_cookies(self, _: object, allowed: bool) -> None:
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
        return max(1, self.window // 4)

    @property
    def wanted_s(self) -> float:
        """How long after the last sign of a reader an answer goes on, in seconds."""
        # A reader that leaves says so, and then the grace time counts. Only one that died silently is waited for.
        # Nor does one say anything while it is being sent something.
        return max(self.grace_s, self.stuck_s) + 3 * self.acknowledge_s
