"""Dates as users give them."""

from __future__ import annotations

from datetime import date, datetime

from gpo_client.exceptions import InvalidArgumentError


def read_date(value: date | str | None, argument: str) -> date | None:
    """The day that a date, a datetime or an ISO 8601 text names.

    Raises:
        InvalidArgumentError: It names none.
    """
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(value).date()
    except (TypeError, ValueError) as error:
        message = f'{argument} must be a date, a datetime or a text such as "2026-11-01", not {value!r}'
        raise InvalidArgumentError(message, field=argument) from error
