"""Lists: as a table on a terminal, tab-separated in a pipe, or as lines of JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Generic, TypeVar

import attrs
from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gpo_client.models.plain import to_plain
from gpo_client.printable import one_line

T = TypeVar("T")

# Narrower than this, columns would break words into letters.
_NARROW = 70


@attrs.frozen(kw_only=True)
class Rows(Generic[T]):
    """A list to print.

    Attributes:
        columns: The headings.
        items: What is listed.
        cells: The texts of an item, one for each column; None where the service does not say.
        as_json: Whether to print each item as a line of JSON.
        note: What to tell besides, on a terminal.
    """

    columns: Sequence[str]
    items: Sequence[T]
    cells: Callable[[T], Sequence[object]]
    as_json: bool = False
    note: str | None = None

    def plain(self, item: T) -> list[str]:
        """The cells of an item, each in one line and without tabs."""
        return [one_line(shown(cell)) for cell in self.cells(item)]

    def to_json(self, item: T) -> dict[str, Any]:
        """An item with all its fields."""
        return as_json(item)

    def table(self, width: int) -> RenderableType:
        """The list for a terminal of a width."""
        return self._stacked() if width < _NARROW else self._tabular(width)

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
    """A model, or a mapping of plain values, as JSON."""
    if isinstance(item, Mapping):
        return dict(item)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    members: dict[str, Any] = to_plain(item)
    return members


def local_time(moment: datetime | None) -> str:
    """A moment as the user's clock showed it; empty when there is none."""
    if moment is None:
        return ""
    with suppress(OverflowError, ValueError, OSError):  # at the ends of the calendar there is no other time zone
        moment = moment.astimezone()
    return moment.strftime("%Y-%m-%d %H:%M")


def shown(value: object) -> str:
    """A value in a cell; empty when there is none."""
    return "" if value is None else str(value)
