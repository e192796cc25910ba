"""What commands that list things share: how much, in which form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import attrs
from cyclopts import Parameter

from gpo_client.cli.contract import performed_by
from gpo_client.cli.exit_codes import usage
from gpo_client.cli.options import Switch, Whole
from gpo_client.cli.rows import Rows
from gpo_client.dates import Window, read_window

T = TypeVar("T")

#: The largest page that the service gives.
_LARGEST_PAGE = 100


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Form:
    """The options of commands whose results are data."""

    json: Switch = False
    """Print JSON: each item as an object on a line of its own."""

    csv: Switch = False
    """Print CSV, with the names of the columns in the first line."""

    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None
    """Write to this file; .csv and .json in its name choose the form."""

    @property
    def kind(self) -> Literal["text", "json", "csv"]:
        """The form that was asked for, or that the file's name stands for."""
        if self.json and self.csv:
            raise usage("--json and --csv do not go together")
        suffix = self.output.suffix.lower() if self.output is not None else ""
        if self.csv or (suffix == ".csv" and not self.json):
            return "csv"
        return "json" if self.json or suffix in (".json", ".jsonl", ".ndjson") else "text"


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Listing(Form):
    """The options of commands that list things."""

    limit: Whole = 20
    """List no more than this many."""

    all: Switch = False
    """List all there are."""

    @property
    def page_size(self) -> int:
        """How many items to fetch at once."""
        if self.limit < 1:
            raise usage(f"--limit must be 1 or more, not {self.limit}; --all lists all")
        # One more than is shown tells, without another request, whether there are more.
        return _LARGEST_PAGE if self.all else min(self.limit + 1, _LARGEST_PAGE)

    def rows(
        self, method: str, columns: Sequence[str], items: Iterator[T], cells: Callable[[T], Sequence[object]]
    ) -> Rows[T]:
        """As many of the items as were asked for, which ``method`` of the client gives, with the ``cells`` of each.

        The contract says which members the items have.
        """
        chosen = list(items if self.all else islice(items, self.limit))
        more = not self.all and next(items, None) is not None
        note = "there are more: --limit or --all" if more else None if chosen else "nothing found"
        return Rows(
            columns=columns,
            items=chosen,
            cells=cells,
            names=performed_by(method).columns,
            form=self.kind,
            output=self.output,
            note=note,
        )


def window_of(text: str | None, option: str) -> Window | None:
    """Return the window of time that an option names, in the user's time zone; None when it was not given."""
    if text is None:
        return None
    from dateutil.tz import tzlocal  # for who names dates: it takes long to load

    return read_window(text, datetime.now(UTC), tzlocal(), argument=option)
