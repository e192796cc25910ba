"""Texts, numbers, flags and times as services write them: RFC 3339, and what .NET, Node and databases make of it."""

from __future__ import annotations

import math
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from gpo_client.models.json_text import NoNumber, is_list, is_object
from gpo_client.models.secret import Secret

# A day, or a day and a time; the offset in the forms of RFC 3339 and of ISO 8601. ``.`` before a fraction, or ``,``.
_TIME = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[Tt ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r" ?(?:[Zz]|UTC|GMT|(?P<sign>[+-])(?P<hours>\d\d)(?::?(?P<minutes>\d\d))?)?)?",
    re.ASCII,
)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
# Most services write this, and what the standard library has reads it fastest; alone it would take other forms too.
_USUAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_LAST_HOUR, _LAST_MINUTE, _LEAP_SECOND = 24, 59, 60


def read_time(text: str) -> datetime | None:
    """Return the moment that a text names, in UTC; None when it names none.

    Besides the form of RFC 3339 it reads a lower-case ``t`` or ``z``, a space for the ``T``, an offset without colon,
    seconds left out, and a day alone, which is its midnight. A time without an offset is in UTC, as the contract says.
    Digits beyond the microsecond are cut off. A leap second and 24:00 are the beginning of the next minute or day.
    What lies outside the years 1 to 9999 once it is put in UTC is their very beginning or end.

    >>> read_time("2026-11-02 09:30:05.1234567")
    datetime.datetime(2026, 11, 2, 9, 30, 5, 123456, tzinfo=datetime.timezone.utc)
    """
    if _USUAL.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # such as a leap second
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    end_of_day = hour == _LAST_HOUR and (minute or second or (found["fraction"] or "").strip("0"))
    if hour > _LAST_HOUR or minute > _LAST_MINUTE or second > _LEAP_SECOND or end_of_day:
        return None
    microseconds = int((found["fraction"] or "")[:6].ljust(6, "0"))
    since_midnight = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microseconds)
    return _moment(found, since_midnight)


def _moment(found: re.Match[str], since_midnight: timedelta) -> datetime | None:
    offset = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    if offset >= timedelta(days=1):
        return None
    shift = since_midnight + (offset if found["sign"] == "-" else -offset)
    try:
        midnight = datetime(int(found["year"]), int(found["month"]), int(found["day"]), tzinfo=UTC)
    except ValueError:  # no such day
        return None
    try:
        return midnight + shift
    except OverflowError:
        return _LAST if shift > timedelta() else _FIRST


_UUID = re.compile(r"(urn:uuid:)?\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,4})?")


class OddValueError(ValueError):
    """A value is not what the contract says: what was expected, and what arrived; texts are not repeated.

    ``path`` says where it is, from the outside in: names of members, and numbers of items.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path: tuple[str | int, ...] = ()

    @property
    def where(self) -> str:
        """The path in the notation of JSONPath (RFC 9535), such as ``$.items[0].title``."""
        return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)

    def inside(self, step: str | int) -> OddValueError:
        """Return the same error, seen from one level further out."""
        self.path = (step, *self.path)
        return self


def expected(what: str, raw: object) -> OddValueError:
    """Return the error of a value of the wrong type; the right one is called as :func:`kind_of` does, or otherwise."""
    is_short = isinstance(raw, int | float | NoNumber) and not isinstance(raw, bool)
    value = f" ({str(raw)[:20]})" if is_short else ""  # never a text, which may be anything
    return OddValueError(f"Expected `{what}`, got `{kind_of(raw)}`{value}")


def kind_of(raw: object) -> str:
    """Return the name of a type of JSON."""
    if raw is None or isinstance(raw, NoNumber):
        return "null" if raw is None else "float"
    return "array" if isinstance(raw, list) else "object" if isinstance(raw, dict) else type(raw).__name__


def read_text(raw: Any, _exact: bool) -> str:
    """Return a text."""
    return _text(raw)


def _text(raw: Any) -> str:
    if isinstance(raw, str) and not isinstance(raw, NoNumber):
        return raw
    raise expected("str", raw)


def read_id(raw: Any, exact: bool) -> str:
    """Return an id: opaque text, which some services write as a number."""
    if not exact and isinstance(raw, int | float) and not isinstance(raw, bool):
        return str(read_integer(raw, exact))
    return _text(raw)


def read_path(raw: Any, _exact: bool) -> Path:
    """Return the path of a file."""
    return Path(_text(raw))


def read_bytes(raw: Any, _exact: bool) -> bytes:
    """Bytes, which JSON has as base64 (RFC 4648 §4)."""
    try:
        return b64decode(_text(raw), validate=True)
    except ValueError:
        raise expected("base64", raw) from None


def read_secret(raw: Any, _exact: bool) -> Secret:
    """Return a token."""
    if token := _text(raw):
        return Secret(token)
    raise OddValueError("Expected `str`, got an empty one")


def read_integer(raw: Any, exact: bool) -> int:
    """Return an integer; ``8.0`` is one by JSON Schema."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    if not exact and (number := _written_number(raw)) is not None and number.is_integer():
        return int(number)
    raise expected("int", raw)


def read_number(raw: Any, exact: bool) -> float:
    """Return a finite number."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        try:
            if math.isfinite(number := float(raw)):
                return number
        except OverflowError:
            pass
    elif not exact and (written := _written_number(raw)) is not None:
        return written
    raise expected("float", raw)


def read_flag(raw: Any, exact: bool) -> bool:
    """Return a flag; 1 and 0, ``"true"`` and ``"false"`` are flags too."""
    if isinstance(raw, bool):
        return raw
    if not exact and isinstance(raw, int | float) and raw in (0, 1):
        return bool(raw)
    word = raw.strip().lower() if isinstance(raw, str) and not exact else None
    if word in ("true", "false", "1", "0"):
        return word in ("true", "1")
    raise expected("bool", raw)


def read_moment(raw: Any, _exact: bool) -> datetime:
    """Return a time, in UTC."""
    if isinstance(raw, str) and (moment := read_time(raw)) is not None:
        return moment
    raise expected("datetime", raw)


def read_day(raw: Any, _exact: bool) -> date:
    """Return a day; of a time, its day in UTC."""
    if isinstance(raw, str) and (moment := read_time(raw)) is not None:
        return moment.date()
    raise expected("date", raw)


def uuid_reader(kind: Callable[[str], Any]) -> Callable[[Any, bool], Any]:
    """How a UUID is read, by ``uuid.UUID``, which is not imported here: its module also makes random ones."""

    def read(raw: Any, _exact: bool) -> Any:
        text = _text(raw)
        if _UUID.fullmatch(text):
            return kind(text)
        raise expected("uuid", raw)

    return read


def read_null(raw: Any, _exact: bool) -> None:
    """Null."""
    if raw is not None:
        raise expected("null", raw)


def read_any(raw: Any, _exact: bool) -> Any:
    """Anything, without numbers that are none."""
    return _without_no_numbers(raw)


def _without_no_numbers(raw: Any) -> Any:
    if isinstance(raw, NoNumber):
        return None
    if is_list(raw):
        return [_without_no_numbers(item) for item in raw]
    if is_object(raw):
        return {name: _without_no_numbers(value) for name, value in raw.items()}
    return raw


def _written_number(raw: Any) -> float | None:
    """Return the number that a text is, ``"0.9"`` or ``"12"``; none that is infinite."""
    if not isinstance(raw, str) or isinstance(raw, NoNumber) or not _NUMBER.fullmatch(raw.strip()):
        return None
    return number if math.isfinite(number := float(raw)) else None


#: How values of a type are read; of subclasses too, which libraries that stop the clock put in the place of some.
SCALARS: dict[type, Callable[[Any, bool], Any]] = {
    Secret: read_secret,
    Path: read_path,
    bytes: read_bytes,
    str: read_text,
    bool: read_flag,
    int: read_integer,
    float: read_number,
    datetime: read_moment,
    date: read_day,
    type(None): read_null,
}
