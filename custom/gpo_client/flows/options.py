"""What can be said for a single call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from gpo_client.exceptions import InvalidArgumentError


class CallOptions(TypedDict, total=False):
    """Options that every method takes.

    timeout: Seconds that this call may take (a stream: in total); None: no limit. Default: the configured one.
    headers: Header fields to send besides the library's own; they win over those.
    """

    timeout: float | None
    headers: Mapping[str, str]


class CreateOptions(CallOptions, total=False):
    """Options of methods that create something.

    idempotency_key: Repeating the call under the same key creates nothing twice. Default: a new key for each call.
    """

    idempotency_key: str


def check_headers(headers: Mapping[str, str], argument: str) -> Mapping[str, str]:
    """Header fields as given, if they are fit to be sent.

    Raises:
        InvalidArgumentError: A name or value would break the request apart (RFC 9110 §5.5), or cannot be encoded.
    """
    for name, value in headers.items():
        if not name or not name.isascii() or not all(c.isalnum() or c in "!#$%&'*+-.^_`|~" for c in name):
            raise InvalidArgumentError(f"{argument}: {name!r} is not the name of a header field", field=argument)
        # The value is not shown: it may be a secret.
        if not value or not value.isascii() or not value.isprintable() or value != value.strip():
            message = f"{argument}: the value of {name} must be visible ASCII text, not empty, without line ends"
            raise InvalidArgumentError(message, field=f"{argument}.{name}")
    return headers
