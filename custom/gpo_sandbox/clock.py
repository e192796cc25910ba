"""Wall-clock time, kept as seconds since 1970 inside and written as RFC 3339 in UTC on the wire."""

import time
from datetime import UTC, date, datetime

DAY_S = 86_400.0


def now() -> float:
    """Return the time in seconds since 1970."""
    return time.time()


def rfc3339(seconds: float) -> str:
    """Write a time as RFC 3339 in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def midnight(day: date) -> float:
    """Return when a day begins in UTC, in seconds since 1970."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
