"""Options of a single call."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, Any, TypedDict, cast

from gpo_client.config.header_fields import is_credential, is_field_name, is_field_value
from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.secret import IS_MASKED, Secret, holds_mask

if TYPE_CHECKING:
    from gpo_client.operations.filters import DateWindow


class CallOptions(TypedDict, total=False):
    """Options that every method takes.

    timeout: Seconds that this call may take (a stream: in total); None: no limit. Default: the configured one.
    headers: Header fields to send besides the library's own; they win over those.
    max_retries: How often to try again after a failure that may pass. Default: the configured number.
    """

    timeout: float | None
    headers: Mapping[str, str]
    max_retries: int


class WindowOptions(CallOptions, total=False):
    """Options of methods that look at a window of time.

    window: The window, such as ``"last month"``, ``"1 Nov 2026"``, a date, or a pair of dates, datetimes or texts, of
        which one may be None. A day is all of that day. Default: no limit.
    time_zone: The IANA name of the time zone that dates mean where they name none. Default: this machine's.
    """

    window: DateWindow | None
    time_zone: str | None


class CreateOptions(CallOptions, total=False):
    """Options of methods that create something.

    idempotency_key: Repeating the call under the same key creates nothing twice. Default: a new key for each call.
    """

    idempotency_key: str


# What is more is no number of seconds: Python counts without end, and clocks do not.
_MOST = sys.float_info.max

# Names of header fields are the same in any case (RFC 9110 §5.1). Ours are spelt one way, so that what a user says in
# another replaces them and does not join them.
_OURS = (
    "Accept", "Accept-Encoding", "Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "User-Agent",
    "X-Request-ID", "traceparent", "tracestate", "baggage",
)  # fmt: skip
_OUR_SPELLING = {name.lower(): name for name in _OURS}


def check_names(options: Mapping[str, Any], kind: type) -> None:
    """Refuse what is no option of a kind, such as ``CallOptions``, by an InvalidArgumentError."""
    known = kind.__annotations__
    for name in options:
        if name not in known:
            message = f"there is no option {name!r}; the options of this method are {', '.join(known)}"
            raise InvalidArgumentError(message, field=name)


def check_options(options: Mapping[str, Any], *, creates: bool) -> None:
    """Refuse what is no option, which would be without effect, and values that an option cannot have.

    Raises InvalidArgumentError: an option does not exist, or ``timeout`` or ``max_retries`` has an impossible value.
    """
    check_names(options, CreateOptions if creates else CallOptions)
    timeout = options.get("timeout")
    if timeout is not None and not (isinstance(timeout, int | float) and (0 <= timeout <= _MOST or timeout == inf)):
        message = f"timeout must be a number of seconds, or None for no limit, not {timeout!r}"
        raise InvalidArgumentError(message, field="timeout")
    max_retries = options.get("max_retries", 0)
    if type(max_retries) is not int or max_retries < 0:
        message = f"max_retries must be a whole number, 0 or more, not {max_retries!r}"
        raise InvalidArgumentError(message, field="max_retries")


def check_headers(headers: object, argument: str) -> dict[str, str]:
    """Header fields as given, if they are fit to be sent. Raises InvalidArgumentError: they are no mapping, or a name
    or value would break the request apart (RFC 9110 §5.5) or cannot be encoded.
    """
    if not isinstance(headers, Mapping):
        raise InvalidArgumentError(f"{argument} must be a mapping of names to values", field=argument)
    checked: dict[str, str] = {}
    for name, value in cast("Mapping[object, object]", headers).items():
        if not is_field_name(name):
            raise InvalidArgumentError(f"{argument}: {name!r} is not the name of a header field", field=argument)
        if not is_field_value(value):
            # The value is not shown: it may be a secret.
            message = f"{argument}: the value of {name} must be visible ASCII text, not empty, without line ends"
            raise InvalidArgumentError(message, field=f"{argument}.{name}")
        is_secret = is_credential(name)
        if is_secret and holds_mask(value):
            raise InvalidArgumentError(
                f"{argument}: the value of {name} is none: {IS_MASKED}", field=f"{argument}.{name}"
            )
        checked[_OUR_SPELLING.get(name.lower(), name)] = Secret(value) if is_secret else value
    return checked
