"""Sources of settings: the environment, files and arguments."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import msgspec

from gpo_client.config.profiles import Profile, find_settings_file, profile_name, read_profile
from gpo_client.config.rules import Rule
from gpo_client.exceptions import ConfigurationError, UnknownSettingWarning, warn_user
from gpo_client.printable import did_you_mean, suggestion

Origins = Mapping[str, str]


@attrs.frozen
class Value:
    """A setting's value and where it came from."""

    value: Any
    origin: str


def from_environment(rules: Mapping[str, Rule], environ: Mapping[str, str], prefix: str) -> dict[str, Value]:
    """Return the settings named in the environment.

    An empty variable counts as not set, which is how shells and compose files leave one out. Others with the prefix
    get a warning: a misspelt setting would be silently without effect.
    """
    _warn_of_unknown(rules, environ, prefix)
    values: dict[str, Value] = {}
    for name, rule in rules.items():
        variable = prefix + name.upper()
        if rule.is_text and environ.get(variable):
            origin = f"environment variable {variable}"
            values[name] = Value(rule.read(name, environ[variable], origin), origin)
    return values


def _warn_of_unknown(rules: Mapping[str, Rule], environ: Mapping[str, str], prefix: str) -> None:
    known = {prefix + name.upper() for name, rule in rules.items() if rule.is_text}
    unknown = sorted(name for name in environ if name.startswith(prefix) and name not in known and environ[name])
    if not unknown or not prefix:  # without a prefix, all that there are
        return
    # Without their values: one may be the key under a wrong name.
    told = (f"{name}{_meant(rules, name, prefix)}" for name in unknown)
    warn_user(f"no setting has the environment variable {', '.join(told)}", UnknownSettingWarning)


def _meant(rules: Mapping[str, Rule], name: str, prefix: str) -> str:
    # Their common beginning makes all of them alike.
    meant = suggestion(name.removeprefix(prefix), rules)
    return f" (did you mean {prefix}{meant.upper()}?)" if meant else ""


def from_profile(rules: Mapping[str, Rule], profile: Profile) -> dict[str, Value]:
    """Return the settings of a profile; an unknown name is an error, for a misspelt setting would be without effect."""
    values: dict[str, Value] = {}
    for name, (value, origin) in profile.settings.items():
        rule = _known(rules, name, origin)
        values[name] = Value(rule.read(name, value, origin), origin)
    return values


def resolve(rules: Mapping[str, Rule], values: Mapping[str, Value], overrides: Mapping[str, Any]) -> dict[str, Value]:
    """Return the values changed by arguments, which beat everything; all of them checked."""
    arguments = {name: Value(value, "an argument") for name, value in overrides.items()}
    for name, value in arguments.items():
        _known(rules, name, value.origin).check(name, value.value, value.origin)
    return {**values, **arguments}


def _known(rules: Mapping[str, Rule], name: str, origin: str) -> Rule:
    if name in rules:
        return rules[name]
    hint = did_you_mean(name, rules, "settings")
    raise ConfigurationError(f"there is no setting {name!r} (from {origin}){hint}", setting=name, origin=origin)


def current_profile(name: str | None = None, path: str | os.PathLike[str] | None = None) -> Profile:
    """Read the profile that applies, from the file that applies; see :meth:`GPOConfig.from_profile`. Raises
    ConfigurationError: the file cannot be read or has another shape, or there is no such profile.
    """
    name, found = profile_name(name), find_settings_file(path)
    return read_profile({}, name, "your settings") if found is None else load_profile(found, name)


def load_profile(path: Path, name: str) -> Profile:
    """Read the settings of one profile from a file. Raises ConfigurationError: the file cannot be read or has another
    shape, or there is no such profile.
    """
    return read_profile(load_settings(path), name, f"file {path}")


def load_settings(path: Path) -> dict[str, Any]:
    """Read what a settings file holds, as it stands there; ConfigurationError if it cannot be read."""
    origin = f"file {path}"
    try:
        loaded = _parse(path.suffix.lower(), path.read_text(encoding="utf-8-sig"), origin)
    except OSError as error:
        raise ConfigurationError(f"cannot read the settings in {origin}: {error.strerror}", origin=origin) from error
    except (ValueError, RecursionError) as error:  # what all three parsers raise, and broken UTF-8
        raise ConfigurationError(f"cannot parse the settings in {origin}: {error}", origin=origin) from error
    try:
        return msgspec.convert(loaded, dict[str, Any])
    except msgspec.ValidationError as error:
        message = f"the settings in {origin} must be names with values at the top level"
        raise ConfigurationError(message, origin=origin) from error


def _parse(suffix: str, text: str, origin: str) -> Any:
    if suffix == ".json":
        return json.loads(text)
    if suffix == ".toml":
        return tomllib.loads(text)
    if suffix in (".yaml", ".yml"):
        return _parse_yaml(text, origin)
    raise ConfigurationError(
        f"the name of the settings {origin} must end in .json, .toml, .yaml or .yml", origin=origin
    )


def _parse_yaml(text: str, origin: str) -> Any:
    try:
        import yaml
    except ImportError as error:
        remedy = 'pip install "gpo-client[yaml]"'
        raise ConfigurationError(f"reading YAML settings ({origin}) needs an extra: {remedy}", origin=origin) from error
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:  # values that are not what their tags say
        raise ValueError(error) from error
