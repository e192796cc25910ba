"""Moments and windows of time in people's words, such as ``"1 Nov 2026"`` and ``"last month"``.

What goes over the wire is ISO 8601 and read by the standard library; this is for what somebody types. Nothing here
looks at a clock: whoever asks says what time it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

import attrs

from gpo_client.exceptions import InvalidArgumentError

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta

__all__ = ["ACCEPTED_FORMS", "Window", "read_moment", "read_window"]

#: Examples of what can be read, for messages and help.
ACCEPTED_FORMS = (
    "2026-11-01", "2026-11-01 09:30", "1 Nov 2026", "November 2026", "today", "yesterday", "monday",
    "3 days ago", "2 hours ago", "last 7 days", "this week", "last month", "last quarter", "last year",
)  # fmt: skip


@attrs.frozen
class Window:
    """A stretch of time, from ``start`` until just before ``end``; both are aware of their time zone."""

    start: datetime
    end: datetime


class AmbiguousDateError(ValueError):
    """A date with two meanings; the text says what to write instead."""


def day(start: datetime) -> Window:
    """Return the day that begins at ``start``."""
    return Window(start, start + timedelta(days=1))


def moment(at: datetime) -> Window:
    """Return a window of no length."""
    return Window(at, at)


def midnight(at: datetime) -> datetime:
    """Return the beginning of a day."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def units(count: int, unit: str) -> relativedelta:
    """So many days, weeks, months, quarters or years of the calendar."""
    from dateutil.relativedelta import relativedelta  # for who types dates: it takes long to load

    days = {"day": 1, "week": 7}
    months = {"month": 1, "quarter": 3, "year": 12}
    return relativedelta(days=count * days.get(unit, 0), months=count * months.get(unit, 0))


_UNITS = "hour|day|week|month|quarter|year|minute"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}


def read_phrase(words: str, now: datetime) -> Window | None:
    """Return the window that a phrase names; None: it is none. Raises ValueError if it names no time that there is."""
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


def read_written(words: str, now: datetime) -> Window:
    """Return a date as it is written: ISO 8601, or with the month's name. Raises ValueError if it has two meanings."""
    try:
        at = datetime.fromisoformat(words.upper())
    except ValueError:
        return _parsed_date(words, now)
    has_time = re.search(r"\d[t ]\d", words) is not None
    at = at if at.tzinfo else at.replace(tzinfo=now.tzinfo)
    return moment(at) if has_time else day(at)


def _parsed_date(words: str, now: datetime) -> Window:
    from dateutil import parser

    # What the text leaves out comes from the default, so two defaults that differ in all of it show what it says.
    first, second = (
        parser.parse(words.upper(), default=default, tzinfos=_offset)
        for default in (datetime(2000, 1, 1), datetime(2004, 2, 2, 1, 1, 1))  # noqa: DTZ001 - the zone comes below
    )
    says = {part for part in ("year", "month", "day", "hour") if getattr(first, part) == getattr(second, part)}
    at = first.replace(tzinfo=first.tzinfo or now.tzinfo)
    if "year" in says and not re.search(r"[0-9]{4}", words):
        raise AmbiguousDateError("write the year with four digits")
    if says == {"hour"}:
        at = at.replace(year=now.year, month=now.month, day=now.day)
    elif "month" not in says or says == {"month", "hour"}:
        raise ValueError("part of a date")
    elif "year" not in says:
        at = at.replace(year=now.year)
        at = at if at <= now else at.replace(year=now.year - 1)
    if "hour" in says:
        return moment(at)
    return day(at) if "day" in says else Window(at, at + units(1, "month"))


def _offset(name: str | None, seconds: int | None) -> int | None:
    if name and seconds is None and name.upper() not in ("UTC", "GMT", "Z"):
        # Abbreviations of time zones have several meanings each.
        raise ValueError(f"unknown time zone {name}")
    return 0 if name and seconds is None else seconds


def read_moment(text: str, now: datetime, zone: tzinfo, *, argument: str = "date") -> datetime:
    """Return the moment that a text names; of a day or a longer window, its beginning.

    Args:
        text: In people's words; see :func:`read_window`.
        now: The present moment, aware of its time zone.
        zone: The time zone that the text means, unless it names one.
        argument: What the text was given for; the error names it.

    Returns:
        The moment, in ``zone`` unless the text names another.

    Raises:
        InvalidArgumentError: The text names no moment; the message shows what can be read.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    >>> read_moment("last month", now, UTC).isoformat()
    '2026-10-01T00:00:00+00:00'
    """
    return read_window(text, now, zone, argument=argument).start


def read_window(text: str, now: datetime, zone: tzinfo, *, argument: str = "date") -> Window:
    """Return the window of time that a text names.

    A date is the whole day, a date with a time of day is that very moment. ``today``, ``yesterday``, the name of a
    weekday (the latest one, today included) and ``3 days ago`` are days; ``this`` and ``last`` ``week`` (which begins
    on Monday, ISO 8601), ``month``, ``quarter`` and ``year`` are calendar windows; ``last 7 days`` ends now, and
    ``2 hours ago`` is a moment. A date without a year is the latest one that has begun.

    Args:
        text: In people's words, in any case.
        now: The present moment, aware of its time zone.
        zone: The time zone that the text means, unless it names one.
        argument: What the text was given for; the error names it.

    Returns:
        The window. A moment is one that begins and ends there.

    Raises:
        InvalidArgumentError: The text names no window; the message shows what can be read.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    >>> window = read_window("November 2026", now, UTC)
    >>> window.start.isoformat(), window.end.isoformat()
    ('2026-11-01T00:00:00+00:00', '2026-12-01T00:00:00+00:00')
    """
    words = " ".join(text.lower().split()) if isinstance(text, str) else ""  # pyright: ignore[reportUnnecessaryIsInstance]
    present = now.astimezone(zone)
    try:
        return read_phrase(words, present) or read_written(words, present)
    except (ValueError, ArithmeticError) as error:  # the latter for numbers of astronomical size
        reason = f" ({error})" if isinstance(error, AmbiguousDateError) else ""
        message = f"{argument} {text!r} cannot be read{reason}; write it like one of: {', '.join(ACCEPTED_FORMS)}"
        raise InvalidArgumentError(message, field=argument) from error
