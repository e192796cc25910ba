"""Times as services write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.models.scalars import read_time

_NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
_FIRST = datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-02T12:00:00Z", _NOON),
        ("2026-11-02t12:00:00z", _NOON),
        ("2026-11-02 12:00:00", _NOON),
        ("2026-11-02T12:00", _NOON),
        ("2026-11-02T12:00:00 UTC", _NOON),
        ("2026-11-02T12:00:00+0000", _NOON),
        ("2026-11-02T17:30:00+0530", _NOON),
        ("2026-11-02T17:30:00+05:30", _NOON),
        ("2026-11-02T07:00:00-05", _NOON),
        (" 2026-11-02T12:00:00.000000000Z ", _NOON),
        ("2026-11-02T12:00:00,123456789", _NOON + timedelta(microseconds=123456)),
        ("2026-11-02T12:00:00.5", _NOON + timedelta(milliseconds=500)),
        ("2026-11-01T24:00:00.000", _NOON.replace(hour=0)),
        ("2026-11-02", _NOON.replace(hour=0)),
        ("2026-06-30T23:59:60Z", datetime(2026, 7, 1, tzinfo=UTC)),
        ("2026-11-02T24:00:00Z", datetime(2026, 11, 3, tzinfo=UTC)),
        ("9999-12-31T23:59:59.9999999Z", _LAST),
        ("9999-12-31T23:59:59-01:00", _LAST),
        ("9999-12-31T24:00:00", _LAST),
        ("0001-01-01T00:00:00+01:00", _FIRST),
        ("0001-01-01T00:00:00", _FIRST),
    ],
)
def test_times(text: str, moment: datetime) -> None:
    """Each names a moment in UTC."""
    found = read_time(text)
    assert found == moment
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "2026", "2026-11", "2026-13-01", "2026-02-30", "0000-01-01T00:00:00Z", "2026-11-02T25:00:00Z"),
        *("2026-11-02T24:00:01Z", "2026-11-02T12:60:00Z", "2026-11-02T12:00:61Z", "2026-11-02T12:00:00+24:00"),
        # The standard library reads these.
        *("2026-W45-1T09:30:05Z", "2026-11-02x09:30:05Z", "2026-11-02T093005.0Z", "2026-11-02T093005+00"),
        *("2026-11-01T24:00:00.5", "1790000000", "2026-11-02T12:00:00Zulu", "٢٠٢٦-١١-٠٢", "12026-11-02"),
    ],
)
def test_no_times(text: str) -> None:
    """What names no moment."""
    assert read_time(text) is None


_ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=_ZONES))
def test_what_python_writes(moment: datetime) -> None:
    """Any time is read as it was written, at the ends of the calendar too."""
    try:
        expected = moment.astimezone(UTC)
    except OverflowError:
        expected = _LAST if moment.year > 5000 else _FIRST
    assert read_time(moment.isoformat()) == expected


@given(st.datetimes())
def test_without_offset(moment: datetime) -> None:
    """A time without an offset is in UTC."""
    assert read_time(moment.isoformat()) == moment.replace(tzinfo=UTC)


@given(
    st.text(max_size=30)
    | st.from_regex(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)?", fullmatch=True)
)
def test_any_text(text: str) -> None:
    """No text is an exception."""
    assert read_time(text) is None or read_time(text).tzinfo is UTC  # type: ignore[union-attr]
