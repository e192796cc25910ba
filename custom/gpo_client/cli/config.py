"""``gpo config``: which settings apply and why; the settings file, whose comments and order stay when it changes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import attrs
from rich.text import Text

from gpo_client.cli.exit_codes import FLAGS, usage
from gpo_client.cli.options import Common, OnScreen, Switch
from gpo_client.cli.rows import Rows
from gpo_client.config import GPOConfig
from gpo_client.config.profiles import (
    SESSION_FIELDS,
    Profile,
    default_settings_file,
    find_settings_file,
    profile_name,
    read_profile,
    table,
)
from gpo_client.drivers.files import AtomicFile
from gpo_client.exceptions import ConfigurationError
from gpo_client.printable import did_you_mean

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


def show_config(*, json: Switch = False, common: Common = Common(), screen: OnScreen) -> object:
    """Show every setting, its value and where it came from.

    Secrets are masked.

    Args:
        json: Print each setting as a JSON object on a line of its own.
    """
    config = common.settings(screen)
    rows: list[dict[str, Any]] = [
        {"setting": name, "value": value, "origin": _origin(config.origin(name), name, common)}
        for name, value in config.to_dict().items()
    ]
    identity = common.identity().items()
    rows += [{"setting": name, "value": value, "origin": origin} for name, (value, origin) in identity]
    return Rows(columns=("Setting", "Value", "From"), items=rows, cells=_cells, form="json" if json else "text")


def set_config(name: str, value: str, /, *, common: Common = Common()) -> object:
    """Change a setting in your settings file.

    Args:
        name: The setting, such as timeout; or a member of the session, such as user_id.
        value: Its value; "none" for no limit.
    """
    if name == "api_key":
        raise usage("a key on the command line can be read by everybody on this machine: gpo login keeps it")
    return _changed(name, value, common)


def unset_config(name: str, /, *, common: Common = Common()) -> object:
    """Remove a setting from your settings file.

    Args:
        name: The setting.
    """
    return _changed(name, None, common)


def config_path(*, common: Common = Common(), screen: OnScreen) -> None:
    """Print the path of your settings file."""
    path = find_settings_file(common.config) or default_settings_file()
    screen.write(f"{path}\n")
    if not path.exists():
        screen.note("there is no such file yet; gpo login and gpo config set make it")


def _changed(name: str, value: str | None, common: Common) -> Text:
    file, rules = SettingsFile.to_change(common.config, common.profile), attrs.fields_dict(GPOConfig)
    known = {*rules, *SESSION_FIELDS}
    if value is None and name not in known and file.get(name) is None:
        raise usage(f"there is no setting {name!r}{did_you_mean(name, known, 'settings')}")
    file.set({name: value})
    profile = file.read_profile()
    GPOConfig.of_profile(profile)  # before it is written: what is wrong there would stop all commands
    if name in profile.settings and value is not None:
        # As TOML has it: a number or a switch, and what else there is as the text that was typed.
        read = rules[name].metadata["rule"].read(name, value, str(file.path))
        file.set({name: read if isinstance(read, int | float) else value})
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


@attrs.frozen
class SettingsFile:
    """One profile of a TOML file, which need not exist."""

    path: Path
    profile: str
    document: TOMLDocument

    @classmethod
    def to_change(cls, named: Path | None, profile: str | None) -> SettingsFile:
        """Read the file that applies: the named one, else the one that is found, else the user's, yet to be made.
        Raises CommandError: it is no TOML, which alone can be changed here; ConfigurationError: it cannot be read, or
        the profile in it is no table.
        """
        import tomlkit  # where a file is changed: no other command needs the 1.5 MiB that it takes
        from tomlkit.exceptions import TOMLKitError

        path = find_settings_file(named) or default_settings_file()
        if path.suffix.lower() != ".toml":
            raise usage(f"only TOML files can be changed by a command: change {path} in an editor")
        try:
            document = tomlkit.parse(path.read_text(encoding="utf-8-sig")) if path.exists() else tomlkit.document()
        except (OSError, ValueError, TOMLKitError) as error:
            message = f"cannot read the settings in file {path}: {error}"
            raise ConfigurationError(message, origin=f"file {path}") from error
        name, loaded, origin = profile_name(profile), document.unwrap(), f"file {path}"
        own = table(table(loaded.get("profile", {}), "profile", origin).get(name, {}), f"profile.{name}", origin)
        table(own.get("session", {}), f"profile.{name}.session", origin)
        return cls(path, name, document)

    def read_profile(self) -> Profile:
        """Return the profile as it is now, changes included. Raises ConfigurationError if it has another shape."""
        return read_profile(self.document.unwrap(), self.profile, f"file {self.path}")

    def get(self, name: str) -> Any:
        """Return the value that the profile itself has for a setting; None when it has none."""
        return cast("Mapping[str, Any]", self.document.unwrap()).get("profile", {}).get(self.profile, {}).get(name)

    def set(self, changes: Mapping[str, Any]) -> None:
        """Set the profile's settings, those of its session included; None takes one out."""
        for name, value in changes.items():
            table = self._table(*(("session",) if name in SESSION_FIELDS else ()))
            if value is None:
                table.pop(name, None)
            else:
                table[name] = value

    def write(self) -> None:
        """Write the file, at once."""
        import tomlkit

        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(AtomicFile(self.path)) as file:
            file.write(tomlkit.dumps(self.document).encode())
            file.commit()

    def _table(self, *below: str) -> Any:
        """Return the table of the profile, or one below it; made when it is not there."""
        import tomlkit

        table: Any = self.document
        for depth, name in enumerate(("profile", self.profile, *below)):
            if name not in table:
                table[name] = tomlkit.table(is_super_table=depth == 0)
            table = table[name]
        return table
