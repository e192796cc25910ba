"""Windows of time as users give them (objects, ISO 8601 text, people's words), and requests that hold one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, TypeVar, cast

import attrs

from gpo_client.dates import ACCEPTED_FORMS, Window, read_window
from gpo_client.exceptions import InvalidArgumentError
from gpo_client.operations.generated import GeneratedModel, fields_of, model_from

#: A moment or a day, as methods accept one. Text may be ISO 8601 or words such as "1 Nov 2026".
Moment = datetime | date | str
#: A window of time, as methods accept one: words such as "last month", or its first and last moment or day.
DateWindow = Moment | tuple[Moment | None, Moment | None]


@attrs.frozen
class DateReader:
    """Reads what users give as dates."""

    now: datetime
    zone: tzinfo | None = None  # the time zone of what names none; None: that of this machine
    # The window of time that a request is about, besides its own dates; None: there is none
    within: DateWindow | None = None

    @property
    def time_zone(self) -> str | None:
        """The name of the time zone; None: the user gave none."""
        return None if self.zone is None else str(self.zone)

    def window(self, value: object, argument: str) -> Window:
        """Return the window (UTC) that a value names: a day is all of that day, a datetime that very moment.

        Raises InvalidArgumentError, which names the ``argument``, if it names none.
        """
        try:
            found = self._found(value, argument)
            return Window(found.start.astimezone(UTC), found.end.astimezone(UTC))
        except OverflowError as error:  # at the ends of the calendar
            raise InvalidArgumentError(f"{argument} {value!r} is out of range: {error}", field=argument) from error

    def day(self, value: object, argument: str, *, last: bool = False) -> date | None:
        """Return the day that a value names, for operations that know days of UTC alone; None for None.

        Of a longer window it is the first day, or the ``last``. Raises InvalidArgumentError: it names none.
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


M = TypeVar("M", bound=GeneratedModel)


def filter_from(kind: type[M], request: object, dates: DateReader, page: int | None = None) -> M:
    """Return the request of a metric, with its dates read, or the reader's window in place of those two.

    ``page`` is the page to ask for; None: the one that the request names. Raises InvalidArgumentError: a field is
    unknown or of the wrong type, or a date cannot be read.
    """
    fields = _copy(kind, request, "request")
    _fill_window(fields, "request", dates)
    return model_from(kind, _on_page(fields, page), "request")


def search_from(kind: type[M], request: object, dates: DateReader, page: int | None = None, **defaults: object) -> M:
    """Return the request of a search or an export, whose ``filter`` holds the window; otherwise as :func:`filter_from`.

    ``defaults`` are fields to fill in where the user left them out or None.
    """
    from gpo_core_client.models import MetricFilter

    fields = _copy(kind, request, "request")
    if fields.get("filter") is not None or dates.within is not None:
        fields["filter"] = _copy(MetricFilter, fields.get("filter"), "request.filter")
        _fill_window(fields["filter"], "request.filter", dates)
    return model_from(kind, _on_page(fields, page), "request", **defaults)


def _on_page(fields: dict[str, Any], page: int | None) -> dict[str, Any]:
    return fields if page is None else {**fields, "page": page}


def _copy(kind: type[GeneratedModel], request: object, argument: str) -> dict[str, Any]:
    """Return the fields as the user gave them; dates are still to be read, so only the outermost are looked at."""
    if request is None:
        return {}
    if isinstance(request, Mapping):
        return {**cast("Mapping[str, Any]", request)}
    return fields_of(request, argument, kind)


def _fill_window(fields: dict[str, Any], argument: str, dates: DateReader) -> None:
    start, end = fields.get("start_date"), fields.get("end_date")
    names = (f"{argument}.start_date", f"{argument}.end_date")
    if dates.within is not None:
        if start is not None or end is not None:
            message = f"window says what {names[0]} and {names[1]} would say too: give the one or the others"
            raise InvalidArgumentError(message, field="window")
        start, end = _ends_of(dates.within)
        names = ("window", "window")
    first = None if start is None else dates.window(start, names[0])
    last = None if end is None else dates.window(end, names[1])
    if first is not None and last is not None and first.start > last.start:
        message = f"{names[1]}: the end, {end!r}, lies before the beginning, {start!r}"
        raise InvalidArgumentError(message, field=names[1])
    if first is not None:
        fields["start_date"] = first.start.isoformat()
    if last is not None:
        fields["end_date"] = last.end.isoformat()


def _ends_of(window: DateWindow) -> tuple[Any, Any]:
    if not isinstance(window, tuple):
        return window, window
    if len(window) != 2:
        raise InvalidArgumentError("window must be a text such as 'last month', or a pair of dates", field="window")
    return window
