"""Times and days as services write them: RFC 3339, and what .NET, Node and databases make of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

# A day, or a day and a time; the offset in the forms of RFC 3339 and of ISO 8601. ``.`` before a fraction, or ``,``.
_TIME = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[Tt ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r" ?(?:[Zz]|UTC|GMT|(?P<sign>[+-])(?P<hours>\d\d)(?::?(?P<minutes>\d\d))?)?)?",
    re.ASCII,
)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_USUAL = len("2026-11-02T09:30:05Z")  # most services write this, and what the standard library has reads it fastest
_LAST_HOUR, _LAST_MINUTE, _LEAP_SECOND = 24, 59, 60


def read_time(text: str) -> datetime | None:
    """Return the moment that a text names, in UTC; None when it names none.

    Besides the form of RFC 3339 it reads a lower-case ``t`` or ``z``, a space for the ``T``, an offset without colon,
    seconds left out, and a day alone, which is its midnight. A time without an offset is in UTC, as the contract says.
    Digits beyond the microsecond are cut off. A leap second and 24:00 are the beginning of the next minute or day.
    What lies outside the years 1 to 9999 once it is put in UTC is their very beginning or end.

    >>> read_time("2026-11-02 09:30:05.1234567")
    datetime.datetime(2026, 11, 2, 9, 30, 5, 123456, tzinfo=datetime.timezone.utc)
    """
    if len(text) == _USUAL and text[4] == text[7] == "-" and text[10] == "T" and text[-1] == "Z":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # such as a leap second
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    end_of_day = hour == _LAST_HOUR and (minute or second or (found["fraction"] or "").strip("0"))
    if hour > _LAST_HOUR or minute > _LAST_MINUTE or second > _LEAP_SECOND or end_of_day:
        return None
    microseconds = int((found["fraction"] or "")[:6].ljust(6, "0"))
    since_midnight = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microseconds)
    return _moment(found, since_midnight)


def _moment(found: re.Match[str], since_midnight: timedelta) -> datetime | None:
    offset = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    if offset >= timedelta(days=1):
        return None
    shift = since_midnight + (offset if found["sign"] == "-" else -offset)
    try:
        midnight = datetime(int(found["year"]), int(found["month"]), int(found["day"]), tzinfo=UTC)
    except ValueError:  # no such day
        return None
    try:
        return midnight + shift
    except OverflowError:
        return _LAST if shift > timedelta() else _FIRST
