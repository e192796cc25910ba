"""``gpo metrics``, ``gpo ratings`` and ``gpo questions``: a command for each operation that reports what goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, cast

import attrs
from cyclopts import App, Parameter
from cyclopts.completion import CompletionContext

from gpo_client.cli.api import fields_of
from gpo_client.cli.contract import Filled, Operation, operations
from gpo_client.cli.exit_codes import usage
from gpo_client.cli.listing import Form, Listing
from gpo_client.cli.options import Common, OnScreen, connected
from gpo_client.cli.rows import Rows, heading
from gpo_client.models.answer import Download

#: The groups of the client that are commands, what each is called, and what it shows.
_GROUPS = {
    "metrics": ("metrics", "Show usage and quality in numbers."),
    "ratings": ("ratings", "List and export ratings of conversations."),
    "question_details": ("questions", "List and export questions with their answers."),
}


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Period:
    """The options that say which window of time is meant, in your time zone."""

    window: str | None = None
    """The window of time, such as "last month", "last 7 days" or "1 Nov 2026". Default: no limit."""

    since: str | None = None
    """In place of --window: only what happened then or later."""

    until: str | None = None
    """In place of --window: only what happened then or earlier."""

    def read(self) -> str | tuple[str | None, str | None] | None:
        """Return the window as the client takes it."""
        if self.window is not None and (self.since or self.until):
            raise usage("--window says what --since and --until would say too: give the one or the others")
        return self.window or ((self.since, self.until) if self.since or self.until else None)


def report_apps() -> Iterable[App]:
    """Return the commands, one for each group of the client that reports."""
    for group, (name, told) in _GROUPS.items():
        app = App(name=name, help=told)
        for operation in operations():
            owner, _, method = operation.client.rpartition(".")
            if owner == group and not operation.creates:
                app.command(_command(operation), name={"search": "list"}.get(method, method.replace("_", "-")))
        yield app


def _command(operation: Operation) -> Callable[..., object]:
    """Return the command of an operation. What it takes besides is what the contract says of its fields."""

    def complete(_: CompletionContext) -> Iterable[tuple[str, str]]:
        return fields_of(Filled(operation))

    make = _export if "text/csv" in operation.media else _listed if operation.rows == "items" else _shown
    command = make(operation)
    parameter = Parameter(name=("--field", "-f"), negative=(), show_default=False, completer=complete)
    command.__annotations__["field"] = Annotated[tuple[str, ...], parameter]
    filters = "\n".join(f"- {name}: {kind.replace('|', ', ')}" for name, kind in operation.body.items())
    command.__doc__ = f"{operation.summary}.\n\nFields for -f:\n\n{filters}\n\n{_ARGUMENTS}"
    return command


_ARGUMENTS = """Args:
    text: Only what holds this text.
    field: NAME=VALUE: one of the fields above, such as country_ids=MX. Repeat it for more.
    output: Write to this file, or into this folder. Default: print it.
"""


def _listed(operation: Operation) -> Callable[..., object]:
    def command(
        text: str | None = None,
        /,
        *,
        period: Period = Period(),
        field: tuple[str, ...] = (),
        listing: Listing = Listing(),
        common: Common = Common(),
        screen: OnScreen,
    ) -> object:
        body = _body(operation, field, search_text=text, page_size=listing.page_size)
        with connected(common, screen) as connection:
            page = attrgetter(operation.client)(connection.client)(connection.session, body, window=period.read())
            columns, cells = _columns(operation)
            return listing.rows(operation.client, columns, iter(page), cells)

    return command


def _shown(operation: Operation) -> Callable[..., object]:
    def command(
        *,
        period: Period = Period(),
        field: tuple[str, ...] = (),
        form: Form = Form(),
        common: Common = Common(),
        screen: OnScreen,
    ) -> object:
        kind, body = form.kind, _body(operation, field)
        with connected(common, screen) as connection:
            result = attrgetter(operation.client)(connection.client)(connection.session, body, window=period.read())
        is_list = not (operation.rows or operation.facts)
        columns, cells = _columns(operation)
        return Rows[Any](
            columns=columns,
            items=result if is_list else getattr(result, operation.rows) if operation.rows else (),
            cells=cells,
            names=operation.columns,
            facts={name: getattr(result, name) for name in operation.facts},
            whole=None if is_list else result,
            form=kind,
            output=form.output,
        )

    return command


def _export(operation: Operation) -> Callable[..., object]:
    def command(
        text: str | None = None,
        /,
        *,
        period: Period = Period(),
        field: tuple[str, ...] = (),
        output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
        common: Common = Common(),
        screen: OnScreen,
    ) -> None:
        body = _body(operation, field, search_text=text)
        with connected(common, screen) as connection:
            export = attrgetter(operation.client)(connection.client)
            done: Download = export(connection.session, body, output, window=period.read())
        screen.write_bytes(done.content) if done.path is None else screen.note(f"wrote {done.path}")

    return command


def _body(operation: Operation, field: tuple[str, ...], **more: object) -> dict[str, Any]:
    filled = Filled(operation)
    filled.fill(field)
    return {**{name: value for name, value in more.items() if value is not None}, **(filled.body or {})}


def _columns(operation: Operation) -> tuple[list[str], Callable[[Any], list[object]]]:
    """Return the headings of a table, and the cells of an item; of a list of other things the number is shown."""

    def cells(item: object) -> list[object]:
        values = (getattr(item, name) for name in operation.columns)
        return [len(cast("Sequence[object]", value)) if isinstance(value, list) else value for value in values]

    return [heading(name) for name in operation.columns], cells
