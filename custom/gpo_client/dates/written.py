"""Dates as they are written."""

from __future__ import annotations

import re
from datetime import datetime

from gpo_client.dates.window import AmbiguousDateError, Window, day, moment, units


def read_written(words: str, now: datetime) -> Window:
    """Return a date as it is written: ISO 8601, or with the month's name.

    Raises:
        ValueError: It is none, or has two meanings.
    """
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
