"""Profiles: named sets of settings in one file, and where that file is found."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from gpo_client.exceptions import ConfigurationError
from gpo_client.printable import did_you_mean

#: The profile that applies where none is named; it need not exist.
DEFAULT_PROFILE = "default"
#: The setting that says where ``gpo login`` has put the key.
KEY_FROM = "api_key_from"
KEY_STORES = ("keyring", "file")
#: The members of a session context, which a profile may give to ``gpo``.
SESSION_FIELDS = ("instance_id", "user_id", "project_id", "environment")

_FILE_NAME = "gpo.toml"


@attrs.frozen
class Profile:
    """The settings that a file has for one profile."""

    name: str
    settings: Mapping[str, tuple[Any, str]]  # the settings by name, each with where it stands. They are not checked yet
    session: Mapping[str, tuple[str, str]]  # the members of a session context, each with where it stands
    # Where the key is kept, ``"keyring"`` or ``"file"``; None when this file names no place
    key_store: str | None = None


def profile_name(named: str | None) -> str:
    """Return the profile that applies: the named one, else ``GPO_PROFILE``, else the default one."""
    return named or os.environ.get("GPO_PROFILE") or DEFAULT_PROFILE


def find_settings_file(named: str | os.PathLike[str] | None = None) -> Path | None:
    """Return the settings file that applies, or None when there is none.

    It is the named one, else that of ``GPO_CONFIG_FILE``, else ``gpo.toml`` in the working directory, else the user's.
    Raises ConfigurationError: the user's folder is not known without the extra ``profiles``.
    """
    if chosen := named or os.environ.get("GPO_CONFIG_FILE"):
        return Path(chosen)
    local = Path(_FILE_NAME)
    if local.is_file():
        return local
    return users if (users := user_folder() / _FILE_NAME).is_file() else None


def default_settings_file() -> Path:
    """Return where the user's settings file is made when there is none."""
    return user_folder() / _FILE_NAME


def user_folder() -> Path:
    """Return the folder of the user's settings, as the system has it (XDG Base Directory Specification on Linux).
    Raises ConfigurationError: it is not known without the extra ``profiles``.
    """
    try:
        from platformdirs import user_config_path
    except ImportError as error:
        remedy = 'name a settings file with GPO_CONFIG_FILE, or: pip install "gpo-client[profiles]"'
        raise ConfigurationError(f"finding your settings file needs an extra: {remedy}") from error
    return user_config_path("gpo", appauthor=False)


def read_profile(loaded: Mapping[str, Any], name: str, origin: str) -> Profile:
    """Return the settings of one profile: those of ``[profile.NAME]``, and for what it leaves out those at the top.

    ``origin`` names the file, for errors and for the origin of settings. Raises ConfigurationError: there is no such
    profile, or a part of the file has another shape.
    """
    top = dict(loaded)
    profiles = table(top.pop("profile", {}), "profile", origin)
    if name not in profiles and name != DEFAULT_PROFILE:
        hint = did_you_mean(name, profiles, "profiles") if profiles else ""
        message = f"there is no profile {name!r} in {origin}{hint}; gpo login --profile {name} makes one"
        raise ConfigurationError(message, setting="profile", origin=origin)
    place = f"{origin}, profile {name}"
    own = dict(table(profiles.get(name, {}), f"profile.{name}", origin))
    session = _session(top.pop("session", {}), origin) | _session(own.pop("session", {}), place)
    settings = {key: (value, at) for part, at in ((top, origin), (own, place)) for key, value in part.items()}
    store, at = settings.pop(KEY_FROM, (None, origin))
    if store is not None and store not in KEY_STORES:
        expected = " or ".join(f'"{known}"' for known in KEY_STORES)
        raise ConfigurationError(f"{KEY_FROM} must be {expected}, not {store!r} (from {at})", setting=KEY_FROM)
    return Profile(name, settings, session, store)


def _session(value: object, origin: str) -> dict[str, tuple[str, str]]:
    session = table(value, "session", origin)
    for name, text in session.items():
        if name not in SESSION_FIELDS:
            hint = did_you_mean(name, SESSION_FIELDS, "members")
            raise ConfigurationError(f"a session has no {name!r} (from {origin}){hint}", setting=name, origin=origin)
        if not isinstance(text, str) or not text:
            raise ConfigurationError(f"{name} must be a text, not {text!r} (from {origin})", setting=name)
    return {name: (text, origin) for name, text in session.items()}


def table(value: object, name: str, origin: str) -> dict[str, Any]:
    """Return a part of a settings file that must be a table. Raises ConfigurationError if it is none."""
    if not isinstance(value, dict):
        raise ConfigurationError(f"{name} must be a table, not {value!r} (from {origin})", setting=name, origin=origin)
    return value  # pyright: ignore[reportUnknownVariableType] - parsers give texts for names
