"""Lists: as a table on a terminal, tab-separated in a pipe, as lines of JSON or as CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import attrs
from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gpo_client.models.plain import to_plain
from gpo_client.printable import CONTROLS, HALVES, no_formula, one_line

T = TypeVar("T")

# Narrower than this, columns would break words into letters.
_NARROW = 70
# So wide is a column that does, on average.
_COLUMN = 12


@attrs.frozen(kw_only=True)
class Rows(Generic[T]):
    """A list to print."""

    columns: Sequence[str]
    items: Sequence[T]  # what is listed
    # The texts of an item, one for each column; None where the service does not say
    cells: Callable[[T], Sequence[object]]
    names: Sequence[str] = ()  # the members of an item that are columns of CSV
    facts: Mapping[str, object] = {}  # what stands beside the list, by name
    whole: object = None  # what JSON is made of, when that is not a line for each item
    form: Literal["text", "json", "csv"] = "text"  # whether to print text, a line of JSON for each item, or CSV
    output: Path | None = None  # the file to print it to. Default: the screen
    note: str | None = None  # what to tell besides, on a terminal

    def lines(self) -> Iterator[str]:
        """Return the list for whoever reads no table: a line for each item, as its form is."""
        if self.form == "json":
            yield from map(json_line, map(as_json, self.items) if self.whole is None else [as_json(self.whole)])
        elif self.form == "csv":
            yield from self._csv()
        else:
            yield from (f"{name}\t{one_line(shown(value))}" for name, value in self.facts.items())
            yield from ("\t".join(self.plain(item)) for item in self.items)

    def _csv(self) -> Iterator[str]:
        """Return the columns' names, then the items (RFC 4180, with this system's line ends); or the facts."""
        rows = [as_json(item) for item in self.items] if self.names else [dict(self.facts)]
        names = self.names or [*self.facts]
        for row in (names, *([_csv_cell(row.get(name)) for name in names] for row in rows)):
            line = io.StringIO()
            # It quotes a line end within a cell only if it writes such an end itself, in Python 3.11.
            csv.writer(line, lineterminator="\r\n").writerow(row)
            yield line.getvalue().removesuffix("\r\n")

    def plain(self, item: T) -> list[str]:
        """Return the cells of an item, each in one line and without tabs."""
        return [one_line(shown(cell)) for cell in self.cells(item)]

    def table(self, width: int) -> RenderableType:
        """Return the list for a terminal of a width, below what stands beside it."""
        facts = [Text(f"{heading(name)}: {one_line(shown(value)) or '-'}") for name, value in self.facts.items()]
        is_narrow = width < _NARROW or len(self.columns) > width // _COLUMN
        rows = [self._stacked() if is_narrow else self._tabular(width)] if self.items else []
        return Group(*facts, *([Text()] if facts and rows else []), *rows)

    def _tabular(self, width: int) -> Table:
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
        rows = [self.plain(item) for item in self.items]
        longest = max((cell_len(row[0]) for row in rows), default=0)
        for number, column in enumerate(self.columns):
            # Folded, never cut: an id that lacks its end is of no use. In one piece it can be copied.
            table.add_column(column, overflow="fold", no_wrap=number == 0 and longest <= width // 2)
        for row in rows:
            table.add_row(*map(Text, row))
        return table

    def _stacked(self) -> Group:
        lines: list[Text] = []
        for item in self.items:
            cells = zip(self.columns, self.plain(item), strict=True)
            lines += [Text.assemble((f"{column}: ", "bold"), cell, overflow="fold") for column, cell in cells if cell]
            lines.append(Text())
        return Group(*lines[:-1])


def as_json(item: Any) -> dict[str, Any]:
    """Return a model, or a mapping of plain values, as JSON."""
    if isinstance(item, Mapping):
        return dict(item)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    members: dict[str, Any] = to_plain(item)
    return members


def local_time(moment: datetime | None) -> str:
    """Return a moment as the user's clock showed it; empty when there is none."""
    if moment is None:
        return ""
    with suppress(OverflowError, ValueError, OSError):  # at the ends of the calendar there is no other time zone
        moment = moment.astimezone()
    return moment.strftime("%Y-%m-%d %H:%M")


def shown(value: object) -> str:
    """Return a value in a cell; empty when there is none."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, datetime):
        return local_time(value)
    return str(value) if isinstance(value, int | float | date) and not isinstance(value, bool) else json_line(value)


def heading(name: str) -> str:
    """Return the heading of a column that is called after a member.

    >>> heading("average_relevance_score"), heading("document_id")
    ('Average relevance score', 'Document id')
    """
    return name.replace("_", " ").capitalize()


def _csv_cell(value: object) -> str:
    """Return a value in a file that spreadsheets open: no text of somebody else's becomes a formula there."""
    return no_formula(value) if isinstance(value, str) else shown(value)


_ESCAPED = re.compile(f"[{CONTROLS}{HALVES}]")


def json_line(value: Any, indent: int | None = None) -> str:
    r"""Return the value as JSON in one line (RFC 8259), with the characters spelt out that a terminal would obey.

    With ``indent``, members are set in so far, on lines of their own.

    >>> json_line({"content": "taxes\x9b2J é"})
    '{"content": "taxes\\u009b2J é"}'
    """
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False, indent=indent))
