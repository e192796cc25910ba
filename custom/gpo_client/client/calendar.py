"""The present, and the time zone of whoever uses the client, for reading dates."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.operations.dates import DateReader


def date_reader(time_zone: str | None = None) -> DateReader:
    """Return what reads dates now.

    Args:
        time_zone: The IANA name of the time zone that dates mean where they name none; None: this machine's.

    Raises:
        InvalidArgumentError: There is no such time zone.
    """
    if time_zone is None:
        return DateReader(datetime.now(UTC))
    try:
        return DateReader(datetime.now(UTC), ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, OSError) as error:
        message = f"time_zone must be a name of the IANA database, such as 'America/Mexico_City', not {time_zone!r}"
        raise InvalidArgumentError(message, field="time_zone") from error
