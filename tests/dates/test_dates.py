"""Moments and windows of time in people's words, and days."""

from __future__ import annotations

import doctest
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from dateutil import tz
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import InvalidArgumentError, dates
from gpo_client.dates import ACCEPTED_FORMS, read_moment, read_window
from gpo_client.operations.filters import DateReader

#: A Sunday, twenty to eleven in Madrid, where summer time ended on 25 October.
NOW = datetime(2026, 11, 22, 9, 40, tzinfo=UTC)
MADRID = tz.gettz("Europe/Madrid") or UTC


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-11-01", "2026-11-01T00:00+01:00", "2026-11-02T00:00+01:00"),
        ("2026-11-01 09:30", "2026-11-01T09:30+01:00", "2026-11-01T09:30+01:00"),
        ("2026-11-01T09:30:00Z", "2026-11-01T09:30+00:00", "2026-11-01T09:30+00:00"),
        ("2026-09", "2026-09-01T00:00+02:00", "2026-10-01T00:00+02:00"),
        ("2026-W47", "2026-11-16T00:00+01:00", "2026-11-23T00:00+01:00"),
        ("2025", "2025-01-01T00:00+01:00", "2026-01-01T00:00+01:00"),
        ("Q3 2026", "2026-07-01T00:00+02:00", "2026-10-01T00:00+02:00"),
        ("1 Nov 2026", "2026-11-01T00:00+01:00", "2026-11-02T00:00+01:00"),
        ("  Nov   1, 2026 ", "2026-11-01T00:00+01:00", "2026-11-02T00:00+01:00"),
        ("1 nov 2026 5pm", "2026-11-01T17:00+01:00", "2026-11-01T17:00+01:00"),
        ("1 nov 2026 10:00 utc", "2026-11-01T10:00+00:00", "2026-11-01T10:00+00:00"),
        ("1 nov 2026 10:00 -0600", "2026-11-01T10:00-06:00", "2026-11-01T10:00-06:00"),
        ("October 2026", "2026-10-01T00:00+02:00", "2026-11-01T00:00+01:00"),
        ("1 nov", "2026-11-01T00:00+01:00", "2026-11-02T00:00+01:00"),
        ("1 dec", "2025-12-01T00:00+01:00", "2025-12-02T00:00+01:00"),
        ("december", "2025-12-01T00:00+01:00", "2026-01-01T00:00+01:00"),
        ("08:15", "2026-11-22T08:15+01:00", "2026-11-22T08:15+01:00"),
        ("now", "2026-11-22T10:40+01:00", "2026-11-22T10:40+01:00"),
        ("today", "2026-11-22T00:00+01:00", "2026-11-23T00:00+01:00"),
        ("Yesterday", "2026-11-21T00:00+01:00", "2026-11-22T00:00+01:00"),
        ("sunday", "2026-11-22T00:00+01:00", "2026-11-23T00:00+01:00"),
        ("last sunday", "2026-11-15T00:00+01:00", "2026-11-16T00:00+01:00"),
        ("monday", "2026-11-16T00:00+01:00", "2026-11-17T00:00+01:00"),
        ("3 days ago", "2026-11-19T00:00+01:00", "2026-11-20T00:00+01:00"),
        ("a month ago", "2026-10-22T00:00+02:00", "2026-10-23T00:00+02:00"),
        ("an hour ago", "2026-11-22T09:40+01:00", "2026-11-22T09:40+01:00"),
        # 29 days of 24 hours and the one on which the clock went back.
        ("721 hours ago", "2026-10-23T10:40+02:00", "2026-10-23T10:40+02:00"),
        ("last 7 days", "2026-11-15T10:40+01:00", "2026-11-22T10:40+01:00"),
        ("the past two weeks", "2026-11-08T10:40+01:00", "2026-11-22T10:40+01:00"),
        ("this week", "2026-11-16T00:00+01:00", "2026-11-23T00:00+01:00"),
        ("last week", "2026-11-09T00:00+01:00", "2026-11-16T00:00+01:00"),
        ("last month", "2026-10-01T00:00+02:00", "2026-11-01T00:00+01:00"),
        ("this quarter", "2026-10-01T00:00+02:00", "2027-01-01T00:00+01:00"),
        ("last quarter", "2026-07-01T00:00+02:00", "2026-10-01T00:00+02:00"),
        ("last year", "2025-01-01T00:00+01:00", "2026-01-01T00:00+01:00"),
    ],
)
def test_reading(text: str, start: str, end: str) -> None:
    """Windows are those of the calendar where the user is, clock changes included."""
    window = read_window(text, NOW, MADRID)
    assert (window.start.isoformat("T", "minutes"), window.end.isoformat("T", "minutes")) == (start, end)
    assert read_moment(text, NOW, MADRID) == window.start


@pytest.mark.parametrize("text", ACCEPTED_FORMS)
def test_forms_that_are_shown_can_be_read(text: str) -> None:
    """No message recommends what does not work."""
    read_window(text, NOW, MADRID)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ""),
        ("soon", ""),
        ("tomorrow", ""),
        ("next month", ""),
        ("last 0 days", ""),
        ("29 feb 2026", ""),
        ("2026-13", ""),
        ("2026-11-01junk", ""),
        ("999999 years ago", ""),
        ("9999", ""),
        ("0000", ""),
        ("٣ days ago", ""),
        ("1 nov 2026 10:00 EST", ""),
        ("01/11/2026", "day or month first?"),
        ("1.11.26", "day or month first?"),
        ("10", "day or month first?"),
        ("1 Nov 26", "four digits"),
        ("1 nov at 5", "four digits"),
    ],
)
def test_what_cannot_be_read(text: str, reason: str) -> None:
    """The error names the argument and shows what can be read; a date with two meanings is not guessed at."""
    with pytest.raises(InvalidArgumentError) as caught:
        read_window(text, NOW, MADRID, argument="--since")
    message = str(caught.value)
    assert caught.value.field == "--since"
    assert message.startswith(f"--since {text!r} cannot be read")
    assert reason in message
    assert all(form in message for form in ACCEPTED_FORMS)


_PIECES = st.sampled_from([*" ".join(ACCEPTED_FORMS).split(), "ago", "1", "-", "/", ":", "+02:00", "feb", "31", "am"])


@given(
    st.one_of(st.text(max_size=20), st.lists(_PIECES, max_size=5).map(" ".join)),
    st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001 - hypothesis wants them so
    st.integers(-12, 14),
)
def test_any_text(text: str, now: datetime, hours: int) -> None:
    """Whatever is typed, at whatever time: a window of a known zone, or the error."""
    zone = timezone(timedelta(hours=hours))
    try:
        window = read_window(text, now.replace(tzinfo=UTC), zone)
    except InvalidArgumentError:
        return
    assert window.start.utcoffset() is not None
    assert window.start <= window.end


def test_dateutil_is_loaded_for_dates_alone() -> None:
    """It takes long to load, so a program pays for it when somebody types a date."""
    import subprocess

    program = "import sys, gpo_client, gpo_client.dates; sys.exit('dateutil' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_examples() -> None:
    """The examples in the documentation are right."""
    assert doctest.testmod(dates).attempted >= 6
    assert doctest.testmod(dates).failed == 0


# --- Dates as users give them.

_READER = DateReader(datetime(2026, 11, 22, 9, 30, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    "value",
    [
        date(2026, 11, 1),
        datetime(2026, 11, 1, 23, 59),  # noqa: DTZ001 - users have such
        datetime(2026, 11, 1, tzinfo=UTC),
        "2026-11-01",
        "20261101",
        "2026-W44-7",
        "2026-11-01T23:59:59Z",
        "2026-11-01 23:59:59+01:00",
    ],
    ids=str,
)
def test_days(value: date | str) -> None:
    """A date, the day of a datetime where it was, or ISO 8601 text give a plain date, which can be sent."""
    day = _READER.day(value, "from_date")
    assert day == date(2026, 11, 1)
    assert type(day) is date


def test_no_day() -> None:
    """None is no date and no error."""
    assert _READER.day(None, "from_date") is None


@pytest.mark.parametrize(
    "value", ["", "the other day", "2026-13-01", "2026-02-29", "01/11/2026", 20261101, 5.0, b"2026-11-01"]
)
def test_what_is_no_day(value: Any) -> None:
    """The message names the argument, and shows the value and what can be read."""
    with pytest.raises(InvalidArgumentError, match=r"from_date .*2026-11-01.*last month") as caught:
        _READER.day(value, "from_date")
    assert repr(value) in str(caught.value)
    assert caught.value.field == "from_date"


@given(st.text())
def test_any_text_is_a_day_or_refused(text: str) -> None:
    """There is no third way."""
    try:
        day = _READER.day(text, "d")
    except InvalidArgumentError:
        return
    assert type(day) is date


@given(st.dates())
def test_iso_text_is_read_back(day: date) -> None:
    """Each day, from the first to the last."""
    assert _READER.day(day.isoformat(), "d") == day
