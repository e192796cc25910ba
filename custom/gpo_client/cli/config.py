"""``gpo config``: which settings apply, and why."""

from __future__ import annotations

from typing import Any

from gpo_client.cli.exits import FLAGS
from gpo_client.cli.options import Common, OnScreen, Switch
from gpo_client.cli.rows import Rows


def show_config(
    *,
    json: Switch = False,
    common: Common = Common(),  # noqa: B008 - immutable
    screen: OnScreen,
) -> object:
    """Show every setting with its value and where that came from. Secrets are masked.

    Args:
        json: Print each setting as a JSON object on a line of its own.
        common: What all commands can be told.
        screen: Where to print.
    """
    config = common.settings(screen)
    rows: list[dict[str, Any]] = [
        {"setting": name, "value": value, "origin": _origin(config.origin(name), name, common)}
        for name, value in config.to_dict().items()
    ]
    identity = common.identity().items()
    rows += [{"setting": name, "value": value, "origin": origin} for name, (value, origin) in identity]
    return Rows(columns=("Setting", "Value", "From"), items=rows, cells=_cells, as_json=json)


def _origin(origin: str, name: str, common: Common) -> str:
    if origin != "an argument":
        return origin
    return f"file {common.api_key_file}" if name == "api_key" else f"option {FLAGS[name]}"


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    value = row["value"]
    shown = "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return row["setting"], shown, row["origin"]
