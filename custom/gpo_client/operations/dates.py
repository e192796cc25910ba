"""Dates and windows of time as users give them: as objects, as ISO 8601 text, and in people's words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

import attrs

from gpo_client.dates import ACCEPTED_FORMS, Window, read_window
from gpo_client.exceptions import InvalidArgumentError

#: A moment or a day, as methods accept one. Text may be ISO 8601 or words such as "1 Nov 2026".
Moment = datetime | date | str
#: A window of time, as methods accept one: words such as "last month", or its first and last moment or day.
DateWindow = Moment | tuple[Moment | None, Moment | None]


@attrs.frozen
class DateReader:
    """Reads what users give as dates.

    Attributes:
        now: The present moment, aware of its time zone.
        zone: The time zone of what names none; None: that of this machine.
    """

    now: datetime
    zone: tzinfo | None = None

    def window(self, value: object, argument: str) -> Window:
        """Return the window that a value names: a day is all of that day, a datetime that very moment.

        Args:
            value: A datetime, a date, or a text.
            argument: What it was given for; the error names it.

        Returns:
            The window, in UTC.

        Raises:
            InvalidArgumentError: It names none.
        """
        try:
            found = self._found(value, argument)
            return Window(found.start.astimezone(UTC), found.end.astimezone(UTC))
        except OverflowError as error:  # at the ends of the calendar
            raise InvalidArgumentError(f"{argument} {value!r} is out of range: {error}", field=argument) from error

    def day(self, value: object, argument: str, *, last: bool = False) -> date | None:
        """Return the day that a value names, for operations that know days of UTC alone.

        Args:
            value: A date, a datetime or a text; None for none.
            argument: What it was given for; the error names it.
            last: Whether of a longer window the last day is meant, and not the first.

        Raises:
            InvalidArgumentError: It names none.
        """
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        if isinstance(value, datetime):
            return value.date()
        text = _text(value, argument)
        try:
            return datetime.fromisoformat(text).date()
        except ValueError:
            found = read_window(text, self.now, self._words_zone(), argument=argument)
        # The end is not in the window: of a month, it is the first day of the next one.
        return max(found.start, found.end - timedelta(microseconds=1)).date() if last else found.start.date()

    def _found(self, value: object, argument: str) -> Window:
        if isinstance(value, datetime):
            return Window(self._aware(value), self._aware(value))
        if isinstance(value, date):
            return Window(self._midnight(value), self._midnight(value + timedelta(days=1)))
        return read_window(_text(value, argument), self.now, self._words_zone(), argument=argument)

    def _aware(self, moment: datetime) -> datetime:
        # astimezone() takes a naive datetime for one of this machine's zone, on the day it names.
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone) if self.zone else moment.astimezone()

    def _midnight(self, day: date) -> datetime:
        return self._aware(datetime.combine(day, time()))

    def _words_zone(self) -> tzinfo:
        if self.zone is not None:
            return self.zone
        from dateutil.tz import tzlocal  # for who names dates: it takes long to load

        return tzlocal()


def _text(value: object, argument: str) -> str:
    if not isinstance(value, str):
        forms = ", ".join(ACCEPTED_FORMS)
        message = f"{argument} must be a date, a datetime or a text such as one of: {forms}; not {value!r}"
        raise InvalidArgumentError(message, field=argument)
    return value
