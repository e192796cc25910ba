"""``gpo config``: which settings apply and why, and changes to the settings file."""

from __future__ import annotations

from typing import Any

import attrs
from rich.text import Text

from gpo_client.cli.exit_codes import FLAGS, usage
from gpo_client.cli.options import Common, OnScreen, Switch
from gpo_client.cli.rows import Rows
from gpo_client.cli.settings_file import SettingsFile
from gpo_client.config import GPOConfig
from gpo_client.config.profiles import default_settings_file, find_settings_file


def show_config(
    *,
    json: Switch = False,
    common: Common = Common(),  # noqa: B008 - immutable
    screen: OnScreen,
) -> object:
    """Show every setting, its value and where it came from.

    Secrets are masked.

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
    return Rows(columns=("Setting", "Value", "From"), items=rows, cells=_cells, form="json" if json else "text")


def set_config(
    name: str,
    value: str,
    /,
    *,
    common: Common = Common(),  # noqa: B008
) -> object:
    """Change a setting in your settings file.

    Args:
        name: The setting, such as timeout; or a member of the session, such as user_id.
        value: Its value; "none" for no limit.
        common: What all commands can be told.
    """
    if name == "api_key":
        raise usage("a key on the command line can be read by everybody on this machine: gpo login keeps it")
    return _changed(name, value, common)


def unset_config(
    name: str,
    /,
    *,
    common: Common = Common(),  # noqa: B008
) -> object:
    """Remove a setting from your settings file.

    Args:
        name: The setting.
        common: What all commands can be told.
    """
    return _changed(name, None, common)


def config_path(
    *,
    common: Common = Common(),  # noqa: B008
    screen: OnScreen,
) -> None:
    """Print the path of your settings file.

    Args:
        common: What all commands can be told.
        screen: Where to print.
    """
    path = find_settings_file(common.config) or default_settings_file()
    screen.write(f"{path}\n")
    if not path.exists():
        screen.note("there is no such file yet; gpo login and gpo config set make it")


def _changed(name: str, value: str | None, common: Common) -> Text:
    file = SettingsFile.to_change(common.config, common.profile)
    file.set({name: value})
    profile = file.read_profile()
    GPOConfig.of_profile(profile)  # before it is written: what is wrong there would stop all commands
    if name in profile.settings and value is not None:
        # As TOML has it: a number, a switch or a text, as the setting is.
        read = attrs.fields_dict(GPOConfig)[name].metadata["rule"].read(name, value, str(file.path))
        file.set({name: value if read is None else read})
    file.write()
    done = "unset" if value is None else f"set to {value}"
    return Text(f"{name} is {done} in {file.path}, profile {file.profile}")


def _origin(origin: str, name: str, common: Common) -> str:
    if origin != "an argument":
        return origin
    return f"file {common.api_key_file}" if name == "api_key" else f"option {FLAGS[name]}"


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    value = row["value"]
    shown = "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return row["setting"], shown, row["origin"]
