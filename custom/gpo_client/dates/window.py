"""Stretches of time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta


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
