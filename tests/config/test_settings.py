"""Single settings: what they can be, what they cannot, and how the error says it."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

import attrs
import certifi
import pytest

import gpo_client
from gpo_client import ConfigurationError, GPOConfig
from gpo_client.config import ConfigOverrides
from gpo_client.config.keys import KeyFunction, TokenCredential
from gpo_client.models import Secret
from tests.config.settings_table import IMPOSSIBLE, POSSIBLE, SETTINGS


def test_table_is_complete() -> None:
    """Every setting is in the table, in the overrides that methods take, and in the documentation."""
    fields = {field.name for field in attrs.fields(GPOConfig) if not field.name.startswith("_")}
    assert set(SETTINGS) == fields, "tests/config/settings_table.py has a row for each setting"
    documented = inspect.getdoc(GPOConfig) or ""  # from Python 3.13 on, __doc__ itself has no indentation
    assert all(f"\n    {name}: " in documented for name in fields)


def test_overrides_are_the_fields() -> None:
    """ConfigOverrides has the names and types of the fields, all optional; some are given in more forms than one."""
    fields = {name: hint for name, hint in get_type_hints(GPOConfig).items() if not name.startswith("_")}
    hints = get_type_hints(ConfigOverrides)
    assert list(hints) == list(fields)
    paths = dict.fromkeys(("ca_bundle", "client_cert", "client_key"), str | os.PathLike[str] | None)
    secrets = {name: str | None for name, hint in fields.items() if hint == Secret | None}
    several = {"headers": Mapping[str, str] | str, "api_key": str | KeyFunction | TokenCredential | None}
    assert hints == fields | secrets | paths | several
    assert ConfigOverrides.__required_keys__ == frozenset()


def test_defaults() -> None:
    """What nobody sets is as documented."""
    config = GPOConfig()
    for name, setting in SETTINGS.items():
        expected = f"gpo-client/{gpo_client.__version__}" if name == "user_agent" else setting.default
        assert getattr(config, name) == expected, name


@pytest.mark.parametrize(("name", "value"), POSSIBLE)
def test_possible_value(name: str, value: Any) -> None:
    """As an argument, as a change, and as an override it is taken as given."""
    settings: Any = {name: value, **SETTINGS[name].beside}
    for config in (GPOConfig(**settings), GPOConfig().replace(**settings), GPOConfig.from_env(**settings)):
        assert getattr(config, name) == value


@pytest.mark.parametrize(("name", "value"), IMPOSSIBLE)
def test_impossible_value(name: str, value: Any) -> None:
    """The error names the setting and where the value came from, and says what it could be."""
    settings: Any = {name: value}
    for make in (GPOConfig, GPOConfig().replace, GPOConfig.from_env):
        with pytest.raises(ConfigurationError) as caught:
            make(**settings)
        assert (caught.value.setting, caught.value.origin) == (name, "an argument")
        assert re.match(rf"{name} (must be .+, not|must be|cannot have) .+ \(from an argument\)", str(caught.value))


def test_every_client_refuses_it() -> None:
    """A client is not made with an impossible setting, nor with one that does not exist."""
    for kind in (gpo_client.GPOCoreClient, gpo_client.SyncGPOCoreClient):
        with pytest.raises(ConfigurationError, match="timeout must be"):
            kind(timeout=-1)
        with pytest.raises(ConfigurationError, match="did you mean timeout"):
            kind(timeot=1)  # type: ignore[call-arg]
        with pytest.raises(ConfigurationError, match="did you mean timeout"):
            kind().with_options(timeot=1)  # type: ignore[call-arg]


def test_unknown_name() -> None:
    """A misspelt name gets a suggestion, any other the list of names."""
    with pytest.raises(ConfigurationError, match="did you mean base_url") as caught:
        GPOConfig.from_env(base_ulr="https://gpo.example.com")  # type: ignore[call-arg]
    assert (caught.value.setting, caught.value.origin) == ("base_ulr", "an argument")
    with pytest.raises(ConfigurationError, match=r"the settings are base_url, api_key"):
        GPOConfig().replace(colour="red")  # type: ignore[call-arg]


def test_immutable() -> None:
    """Settings are changed by making a copy; the original stays, equal settings are equal."""
    config = GPOConfig(timeout=5)
    changed = config.replace(timeout=6, base_url="https://gpo.example.com/")
    assert (config.timeout, changed.timeout, changed.base_url) == (5, 6, "https://gpo.example.com")
    assert changed.replace(timeout=5, base_url=config.base_url) == config
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        config.timeout = 7  # type: ignore[misc]


def test_secrets_are_masked() -> None:
    """Keys and passwords are there for whoever uses them, and not for whoever prints the settings."""
    config = GPOConfig(
        api_key=Secret("k3y"),
        proxy=Secret("http://u:pa55@proxy.example.com"),
        headers={"X-Gateway-Key": "k3y", "cookie": "k3y", "X-Team": "tax"},
        client_cert=certifi.where(),
        client_key_password=Secret("pa55"),
    )
    assert (config.api_key, config.proxy) == ("k3y", "http://u:pa55@proxy.example.com")
    assert config.headers["x-gateway-key"] == "k3y"
    shown = f"{config!r} {config} {config.to_dict()}"
    assert "k3y" not in shown
    assert "pa55" not in shown
    assert shown.count("**********") == 15
    assert shown.count("'X-Team': 'tax'") == 3
    assert list(config.to_dict()) == list(SETTINGS)


def test_plain_text_becomes_a_secret() -> None:
    """However a key comes in, it is wrapped."""
    config = GPOConfig.from_env(api_key="k3y")
    assert isinstance(config.api_key, Secret)
    assert isinstance(config.replace(timeout=1).api_key, Secret)
    assert GPOConfig().to_dict()["api_key"] is None


def test_paths_are_given_as_they_are_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As text or as a path, from the home folder too."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "ca.pem").touch()
    for given in (tmp_path / "ca.pem", str(tmp_path / "ca.pem"), "~/ca.pem", Path("~/ca.pem")):
        assert GPOConfig(ca_bundle=given).ca_bundle == str(tmp_path / "ca.pem")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["client_key", "client_key_password"])
def test_a_key_without_a_certificate(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be without effect, so it is refused, by where it came from."""
    monkeypatch.setenv(f"GPO_API_{name.upper()}", certifi.where())
    with pytest.raises(ConfigurationError, match="has no certificate: set client_cert") as caught:
        GPOConfig.from_env()
    assert (caught.value.setting, caught.value.origin) == (name, f"environment variable GPO_API_{name.upper()}")


def test_settings_with_header_fields_are_values() -> None:
    """Equal ones are equal, and can be keys of a dictionary; fields are found by a name in any case."""
    one, other = (GPOConfig(headers={"X-Team": "tax"}) for _ in range(2))
    assert {one: 1}[other] == 1
    assert one.headers["x-team"] == "tax"
    assert "X-Site" not in one.headers
    assert one != GPOConfig(headers={"X-Team": "law"})
