"""Moments and windows of time in people's words, such as ``"1 Nov 2026"`` and ``"last month"``.

What goes over the wire is ISO 8601 and read by the standard library; this is for what somebody types. Nothing here
looks at a clock: whoever asks says what time it is.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from gpo_client.dates.phrases import AmbiguousDateError, Window, read_phrase, read_written
from gpo_client.exceptions import InvalidArgumentError

__all__ = ["ACCEPTED_FORMS", "Window", "read_moment", "read_window"]

#: Examples of what can be read, for messages and help.
ACCEPTED_FORMS = (
    "2026-11-01", "2026-11-01 09:30", "1 Nov 2026", "November 2026", "today", "yesterday", "monday",
    "3 days ago", "2 hours ago", "last 7 days", "this week", "last month", "last quarter", "last year",
)  # fmt: skip


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
