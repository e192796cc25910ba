"""The settings file as something that commands change; comments and order stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import attrs

from gpo_client.cli.exit_codes import usage
from gpo_client.config.profiles import (
    SESSION_FIELDS,
    Profile,
    default_settings_file,
    find_settings_file,
    profile_name,
    read_profile,
)
from gpo_client.drivers.files import AtomicFile
from gpo_client.exceptions import ConfigurationError

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

# tomlkit is imported where a file is changed: no other command needs the 1.5 MiB that it takes.


@attrs.frozen
class SettingsFile:
    """One profile of a TOML file.

    Attributes:
        path: The file, which need not exist.
        profile: The name of the profile.
        document: What the file holds.
    """

    path: Path
    profile: str
    document: TOMLDocument

    @classmethod
    def to_change(cls, named: Path | None, profile: str | None) -> SettingsFile:
        """Read the file that applies: the named one, else the one that is found, else the user's, yet to be made.

        Raises:
            CommandError: It is no TOML, which alone can be changed here.
            ConfigurationError: It cannot be read.
        """
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        path = find_settings_file(named) or default_settings_file()
        if path.suffix.lower() != ".toml":
            raise usage(f"only TOML files can be changed by a command: change {path} in an editor")
        try:
            document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
        except (OSError, ValueError, TOMLKitError) as error:
            message = f"cannot read the settings in file {path}: {error}"
            raise ConfigurationError(message, origin=f"file {path}") from error
        return cls(path, profile_name(profile), document)

    def read_profile(self) -> Profile:
        """Return the profile as it is now, changes included.

        Raises:
            ConfigurationError: A part of the file has another shape.
        """
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
        """Write the file, at once.

        Raises:
            OSError: It cannot be written.
        """
        import tomlkit

        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = AtomicFile(self.path)
        try:
            file.write(tomlkit.dumps(self.document).encode())
            file.commit()
        finally:
            file.close()

    def _table(self, *below: str) -> Any:
        """Return the table of the profile, or one below it; made when it is not there."""
        import tomlkit

        table: Any = self.document
        for depth, name in enumerate(("profile", self.profile, *below)):
            if name not in table:
                table[name] = tomlkit.table(is_super_table=depth == 0)
            table = table[name]
        return table
