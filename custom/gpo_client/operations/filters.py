"""Requests that hold a window of time: metrics, ratings, question details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.operations.dates import DateReader, DateWindow
from gpo_client.operations.generated import GeneratedModel, fields_of, model_from

M = TypeVar("M", bound=GeneratedModel)


def filter_from(kind: type[M], request: object, window: DateWindow | None, dates: DateReader) -> M:
    """Return the request of a metric, with its dates read.

    Args:
        kind: The generated class.
        request: A model, a mapping whose ``start_date`` and ``end_date`` may be dates in any form, or None.
        window: The window of time, instead of those two; None for none.
        dates: Reads dates.

    Raises:
        InvalidArgumentError: A field is unknown or of the wrong type, or a date cannot be read.
    """
    fields = _copy(kind, request, "request")
    _fill_window(fields, "request", window, dates)
    return model_from(kind, fields, "request")


def search_from(kind: type[M], request: object, window: DateWindow | None, dates: DateReader, **defaults: object) -> M:
    """Return the request of a search or an export, whose ``filter`` holds the window; otherwise as :func:`filter_from`.

    Args:
        kind: The generated class.
        request: A model, a mapping or None.
        window: The window of time, instead of one in the filter; None for none.
        dates: Reads dates.
        defaults: Fields to fill in where the user left them out or None.
    """
    from gpo_core_client.models import MetricFilter

    fields = _copy(kind, request, "request")
    if fields.get("filter") is not None or window is not None:
        fields["filter"] = _copy(MetricFilter, fields.get("filter"), "request.filter")
        _fill_window(fields["filter"], "request.filter", window, dates)
    return model_from(kind, fields, "request", **defaults)


def _copy(kind: type[GeneratedModel], request: object, argument: str) -> dict[str, Any]:
    """Return the fields as the user gave them; dates are still to be read, so only the outermost are looked at."""
    if request is None:
        return {}
    if isinstance(request, Mapping):
        return {**cast("Mapping[str, Any]", request)}
    return fields_of(request, argument, kind)


def _fill_window(fields: dict[str, Any], argument: str, window: DateWindow | None, dates: DateReader) -> None:
    start, end = fields.get("start_date"), fields.get("end_date")
    names = (f"{argument}.start_date", f"{argument}.end_date")
    if window is not None:
        if start is not None or end is not None:
            message = f"window says what {names[0]} and {names[1]} would say too: give the one or the others"
            raise InvalidArgumentError(message, field="window")
        start, end = _ends_of(window)
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
