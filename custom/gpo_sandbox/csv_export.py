"""Exports: CSV as in RFC 4180 in which no text is a formula, written row by row while it is sent."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
import msgspec

from gpo_sandbox.problems import Problem
from gpo_sandbox.streaming import StreamedResponse

T = TypeVar("T", bound=msgspec.Struct)
# What makes spreadsheets compute a cell; a ' before it makes it text again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | float | bool | None
#: How to write one column of a row; moments are written in a time zone.
Column = Callable[[T, tzinfo], Cell]


@attrs.frozen
class Table(Generic[T]):
    """What a file of rows looks like.

    Args:
        columns: How to write each column, by its name.
    """

    columns: Mapping[str, Column[T]]

    def only(self, names: Sequence[str]) -> "Table[T]":
        """Return a table with some of the columns, in the order of the names."""
        return Table({name: self.columns[name] for name in names})

    def lines(self, rows: Iterable[T], zone: tzinfo) -> Iterator[bytes]:
        """Write the line of names, then one for each row."""
        yield _line(self.columns)
        for row in rows:
            yield _line([_written(write(row, zone)) for write in self.columns.values()])


def same_named(row: type[T]) -> dict[str, Column[T]]:
    """Return a column for each field of a row, of the field's name."""
    return {name: partial(_field, name) for name in row.__struct_fields__}


def _field(name: str, row: object, _: tzinfo) -> Cell:
    cell: Cell = getattr(row, name)
    return cell


def csv_response(lines: Iterator[bytes], file_name: str) -> StreamedResponse:
    """Make the response that sends the lines of a file, one after the other.

    Args:
        lines: The lines.
        file_name: What to call the file, in plain ASCII.
    """
    response = StreamedResponse(_each(lines), "text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def time_zone(name: str | None) -> tzinfo:
    """Find the time zone with a name of the IANA database; UTC for None.

    Raises:
        Problem: There is none.
    """
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        detail = f"There is no time zone {name!r}; a name of the IANA database, such as America/Mexico_City, is wanted."
        raise Problem("validation_failed", detail, field="time_zone") from None


def moment(seconds: float | None, zone: tzinfo) -> str | None:
    """Write a time in a zone, as RFC 3339."""
    return None if seconds is None else datetime.fromtimestamp(seconds, zone).isoformat(timespec="milliseconds")


async def _each(lines: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    for line in lines:
        yield line
        await asyncio.sleep(0)  # a long export lets other requests have their turn


def _line(cells: Iterable[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _written(cell: Cell) -> str | int | float:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell
