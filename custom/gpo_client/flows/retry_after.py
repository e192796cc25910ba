"""The ``Retry-After`` header field (RFC 9110 §10.2.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# A fraction is none of the RFC's, but several services send one, and what they mean is plain.
_SECONDS = re.compile(r"([0-9]+)(\.[0-9]+)?")


def parse_retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds the server asks to wait; None when it does not say, or says it in a way that nobody knows.

    Args:
        headers: The answer's header fields, names in lower case.
        now: The time here, to count an HTTP date from when the answer has no ``Date`` of its own, which would be free
            of the two clocks' difference. Default: without a ``Date``, no date can be counted.

    >>> parse_retry_after({"retry-after": "120"}), parse_retry_after({"retry-after": "1.5"})
    (120.0, 1.5)
    >>> parse_retry_after({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", "date": "Sun, 06 Nov 1994 08:49:07 GMT"})
    30.0
    """
    value = headers.get("retry-after", "").strip()
    if seconds := _SECONDS.fullmatch(value):
        return float(seconds[1][:9] + (seconds[2] or "")[:9])  # more digits are for ever as well
    when, start = _date(value), _date(headers.get("date", "")) or now
    if when is None or start is None:
        return None
    return max((when - start).total_seconds(), 0.0)


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # the latter for a time zone of astronomical size
        return None
    # "-0000" leaves the time zone out; HTTP dates are UTC by definition.
    return date if date.tzinfo else date.replace(tzinfo=UTC)
