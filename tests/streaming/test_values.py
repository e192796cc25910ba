"""Dates as users give them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.operations.filters import DateReader

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
