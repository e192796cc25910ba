"""Windows of time as people name them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from gpo_client.dates.window import AmbiguousDateError, Window, day, midnight, moment, units

_UNITS = "hour|day|week|month|quarter|year|minute"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}


def read_phrase(words: str, now: datetime) -> Window | None:
    """Return the window that a phrase names; None when it is no such phrase.

    Raises:
        ValueError: It is one, and names no time that there is.
    """
    for pattern, reading in _READINGS:
        if found := re.fullmatch(pattern, words, re.ASCII):
            return reading(found, now)
    return None


def _earlier(at: datetime, count: int, unit: str) -> datetime:
    if unit in ("hour", "minute"):
        # Hours pass; days are on the calendar, and may have 23 or 25 of them.
        passed = timedelta(**{f"{unit}s": count})
        return (at.astimezone(UTC) - passed).astimezone(at.tzinfo)
    return at - units(count, unit)


def _named_moment(found: re.Match[str], now: datetime) -> Window:
    days = {"today": 0, "yesterday": 1}
    return day(midnight(now) - timedelta(days=days[found[0]])) if found[0] in days else moment(now)


def _weekday(found: re.Match[str], now: datetime) -> Window:
    back = (now.weekday() - _WEEKDAYS.index(found["day"])) % 7
    # "last monday", said on a Monday, is not today.
    return day(midnight(now) - timedelta(days=back or (7 if found["last"] else 0)))


def _ago(found: re.Match[str], now: datetime) -> Window:
    at = _earlier(now, _COUNTS.get(found["count"]) or int(found["count"]), found["unit"])
    return moment(at) if found["unit"] in ("hour", "minute") else day(midnight(at))


def _until_now(found: re.Match[str], now: datetime) -> Window:
    return Window(_earlier(now, _COUNTS.get(found["count"]) or int(found["count"]), found["unit"]), now)


def _calendar(found: re.Match[str], now: datetime) -> Window:
    unit, start = found["unit"], midnight(now)
    if unit == "week":
        start -= timedelta(days=start.weekday())
    elif unit != "day":
        month = {"month": start.month, "quarter": start.month - (start.month - 1) % 3, "year": 1}[unit]
        start = start.replace(day=1, month=month)
    start = start - units(1, unit) if found["which"] == "last" else start
    return Window(start, start + units(1, unit))


def _year(found: re.Match[str], now: datetime) -> Window:
    start = midnight(now).replace(year=int(found[0]), month=1, day=1)
    return Window(start, start + units(1, "year"))


def _quarter(found: re.Match[str], now: datetime) -> Window:
    start = midnight(now).replace(year=int(found["year"]), month=int(found["quarter"]) * 3 - 2, day=1)
    return Window(start, start + units(1, "quarter"))


def _month(found: re.Match[str], now: datetime) -> Window:
    start = midnight(now).replace(year=int(found["year"]), month=int(found["month"]), day=1)
    return Window(start, start + units(1, "month"))


def _iso_week(found: re.Match[str], now: datetime) -> Window:
    start = datetime.fromisoformat(found[0].upper()).replace(tzinfo=now.tzinfo)
    return Window(start, start + timedelta(days=7))


def _numbers(_: re.Match[str], now: datetime) -> Window:
    raise AmbiguousDateError(f"day or month first? Write {now.year}-11-01 for the first of November")


_READINGS: tuple[tuple[str, Callable[[re.Match[str], datetime], Window]], ...] = (
    (r"now|today|yesterday", _named_moment),
    (rf"(?P<last>last )?(?P<day>{'|'.join(_WEEKDAYS)})", _weekday),
    (rf"(?P<count>\d{{1,6}}|{'|'.join(_COUNTS)}) (?P<unit>{_UNITS})s? ago", _ago),
    (rf"(?:the )?(?:last|past) (?P<count>[1-9]\d{{0,5}}|two|three) (?P<unit>{_UNITS})s?", _until_now),
    (r"(?P<which>this|last) (?P<unit>day|week|month|quarter|year)", _calendar),
    (r"\d{4}", _year),
    (r"q(?P<quarter>[1-4]) (?P<year>\d{4})", _quarter),
    (r"(?P<year>\d{4})-(?P<month>\d{1,2})", _month),
    (r"\d{4}-w\d{2}", _iso_week),
    (r"\d{1,2}[/.-]\d{1,2}(?:[/.-](?:\d\d){1,2})?(?: .*)?|\d{1,3}", _numbers),
)
