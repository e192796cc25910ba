"""Where settings come from, and which source beats which."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gpo_client import ConfigurationError, GPOConfig, SyncGPOCoreClient, UnknownSettingWarning
from gpo_client.cli.config import set_config
from gpo_client.cli.options import Common
from gpo_client.config.sources import current_profile
from tests.config.settings_table import IMPOSSIBLE, SETTINGS, TEXTS


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + "}"
    return f'"{value}"' if isinstance(value, str) else json.dumps(value)


def _yaml(settings: dict[str, Any]) -> str:
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items())


#: How each kind of file is written.
_WRITERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "json": json.dumps,
    "toml": lambda settings: "".join(f"{name} = {_toml(value)}\n" for name, value in settings.items()),
    "yaml": _yaml,
    "yml": _yaml,
    "JSON": json.dumps,
}

# Every setting with a value that is not its default and that all kinds of files can say.
_OTHERS: dict[str, Any] = {
    name: next(value for value in setting.possible if value not in (setting.default, None))
    for name, setting in SETTINGS.items()
    if not setting.only_in_programs
}


@pytest.mark.parametrize(("name", "text", "value"), TEXTS)
def test_environment(name: str, text: str, value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting from its variable; its origin is remembered, by copies too."""
    monkeypatch.setenv(f"GPO_API_{name.upper()}", text)
    config = GPOConfig.from_env()
    assert getattr(config, name) == value
    assert config.origin(name) == config.replace().origin(name) == f"environment variable GPO_API_{name.upper()}"


@pytest.mark.parametrize(("name", "text", "value"), [each for each in TEXTS if each[0] != "api_key"])
def test_command(name: str, text: str, value: Any, tmp_path: Path) -> None:
    """``gpo config set`` takes the same texts, and writes what the file is read from."""
    path = tmp_path / "gpo.toml"
    set_config(name, text, common=Common(config=path))
    assert getattr(GPOConfig.of_profile(current_profile(None, path)), name) == value


def test_environment_with_another_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another prefix reads other variables."""
    monkeypatch.setenv("GPO_API_TIMEOUT", "5")
    monkeypatch.setenv("OTHER_TIMEOUT", "6")
    assert GPOConfig.from_env().timeout == 5
    assert GPOConfig.from_env("OTHER_").timeout == 6
    assert GPOConfig().timeout == 60


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("TIMEOT", "TIMEOUT"),
        ("KEY", "API_KEY"),
        ("BASEURL", "BASE_URL"),
        ("timeout", "TIMEOUT"),
        ("STREAM_IDLE_TIMOUT", "STREAM_IDLE_TIMEOUT"),
        ("COLOUR", None),
    ],
)
@pytest.mark.parametrize("prefix", ["GPO_API_", "MY_GPO_"])
def test_misspelt_variable(variable: str, meant: str | None, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning with what was meant, where the program reads the environment; never with the value."""
    monkeypatch.setenv(f"{prefix}{variable}", "s3cr3t")
    with pytest.warns(UnknownSettingWarning) as told:
        GPOConfig.from_env(prefix)
    (warning,) = told
    hint = f" (did you mean {prefix}{meant}?)" if meant else ""
    assert str(warning.message) == f"no setting has the environment variable {prefix}{variable}{hint}"
    assert warning.filename == __file__


def test_misspelt_variables_are_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them in one warning, whoever reads them: a client, or a file that they fill in."""
    for name, value in (("TIMEOT", "5"), ("PROXI", "x"), ("TIMEOUT", "5"), ("EMPTI", "")):
        monkeypatch.setenv(f"GPO_API_{name}", value)
    path = tmp_path / "gpo.json"
    path.write_text("{}")
    makers: list[Callable[[], Any]] = [
        GPOConfig.from_env,
        lambda: GPOConfig.from_file(path),
        lambda: SyncGPOCoreClient().close(),
        lambda: SyncGPOCoreClient.from_config_file(path).close(),
    ]
    for make in makers:
        with pytest.warns(
            UnknownSettingWarning, match=r"PROXI \(did you mean GPO_API_PROXY\?\), GPO_API_TIMEOT"
        ) as told:
            make()
        assert [warning.filename for warning in told] == [__file__]
        assert "EMPTI" not in str(told[0].message)


def test_settings_in_code_read_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment is not read there is nothing to warn of; nor without a prefix, where all would be ours."""
    monkeypatch.setenv("GPO_API_TIMEOT", "5")
    config = GPOConfig(timeout=5)
    SyncGPOCoreClient(config).with_options(timeout=6).close()
    monkeypatch.delenv("GPO_API_TIMEOT")
    monkeypatch.setenv("NO_SETTING_OF_OURS", "5")
    assert GPOConfig.from_env("").timeout == 60


@pytest.mark.parametrize("text", ["soon", "-1", "0", "inf", "nan", "5 s"])
def test_impossible_in_the_environment(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the variable, for it is what has to be changed."""
    monkeypatch.setenv("GPO_API_TIMEOUT", text)
    with pytest.raises(ConfigurationError, match=r"timeout must be a number of seconds.*GPO_API_TIMEOUT") as caught:
        GPOConfig.from_env()
    assert caught.value.setting == "timeout"
    assert caught.value.origin == "environment variable GPO_API_TIMEOUT"


@pytest.mark.parametrize("suffix", _WRITERS)
@pytest.mark.parametrize("name", _OTHERS)
def test_file(name: str, suffix: str, tmp_path: Path) -> None:
    """Each setting from each kind of file."""
    path = tmp_path / f"gpo.{suffix}"
    path.write_text(_WRITERS[suffix]({name: _OTHERS[name], **SETTINGS[name].beside}))
    config = GPOConfig.from_file(str(path))
    assert getattr(config, name) == _OTHERS[name]
    assert config.origin(name) == f"file {path}"


@pytest.mark.parametrize("suffix", _WRITERS)
def test_byte_order_mark(suffix: str, tmp_path: Path) -> None:
    """Editors on Windows put one before the text."""
    path = tmp_path / f"gpo.{suffix}"
    path.write_text(_WRITERS[suffix]({"timeout": 5}), encoding="utf-8-sig", newline="\r\n")
    assert GPOConfig.from_file(path).timeout == 5


@pytest.mark.parametrize(("name", "value"), [pair for pair in IMPOSSIBLE if pair[1] not in ("yes", 1, "", None)])
def test_impossible_in_a_file(name: str, value: Any, tmp_path: Path) -> None:
    """The error names the file and the setting."""
    path = tmp_path / "gpo.json"
    path.write_text(json.dumps({name: value}))
    with pytest.raises(ConfigurationError, match=f"^{name} (must be|cannot have)") as caught:
        GPOConfig.from_file(path)
    assert (caught.value.setting, caught.value.origin) == (name, f"file {path}")


def test_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Argument beats environment beats file beats default, setting by setting."""
    path = tmp_path / "gpo.toml"
    path.write_text("timeout = 3\nconnect_timeout = 3\nstream_idle_timeout = 3\n")
    for name in ("TIMEOUT", "CONNECT_TIMEOUT"):
        monkeypatch.setenv(f"GPO_API_{name}", "2")
    config = GPOConfig.from_file(path, timeout=1)
    names = ("timeout", "connect_timeout", "stream_idle_timeout", "stream_total_timeout")
    assert [getattr(config, name) for name in names] == [1, 2, 3, 3600]
    assert [config.origin(name) for name in names] == [
        "an argument",
        "environment variable GPO_API_CONNECT_TIMEOUT",
        f"file {path}",
        "the default",
    ]
    assert GPOConfig.from_env(timeout=4).timeout == 4


def test_null_in_a_file(tmp_path: Path) -> None:
    """Null switches a limit off."""
    path = tmp_path / "gpo.json"
    path.write_text('{"timeout": null, "connect_timeout": "none"}')
    config = GPOConfig.from_file(path)
    assert (config.timeout, config.connect_timeout) == (None, None)


def test_unknown_name_in_a_file(tmp_path: Path) -> None:
    """A misspelt setting would be without effect, so it is refused, with the file and a suggestion."""
    path = tmp_path / "gpo.toml"
    path.write_text("time_out = 5\n")
    with pytest.raises(ConfigurationError, match="did you mean timeout") as caught:
        GPOConfig.from_file(path)
    assert caught.value.origin == f"file {path}"


_UNREADABLE: dict[str, tuple[str, bytes, str]] = {
    "malformed JSON": ("gpo.json", b"{", "cannot parse"),
    "malformed TOML": ("gpo.toml", b"timeout = ", "cannot parse"),
    "malformed YAML": ("gpo.yaml", b"timeout: [", "cannot parse"),
    "no UTF-8": ("gpo.json", b'{"user_agent": "\xff"}', "cannot parse"),
    "a list": ("gpo.json", b"[]", "names with values"),
    "an empty YAML file": ("gpo.yaml", b"", "names with values"),
    "a YAML list": ("gpo.yml", b"- 1\n", "names with values"),
    "numbers for names": ("gpo.yaml", b"1: 2\n", "names with values"),
    "another kind of file": ("gpo.ini", b"", "must end in .json, .toml, .yaml or .yml"),
    "no ending": ("gpo", b"", "must end in"),
    "nested without end": ("gpo.json", b"[" * 200_000, "cannot parse"),
    "a Python object": ("gpo.yaml", b"timeout: !!python/object/apply:os.getpid []\n", "cannot parse"),
}


@pytest.mark.parametrize("case", _UNREADABLE)
def test_unreadable_file(case: str, tmp_path: Path) -> None:
    """The error names the file."""
    name, content, words = _UNREADABLE[case]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=words) as caught:
        GPOConfig.from_file(path)
    assert caught.value.origin == f"file {path}"
    assert str(path) in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there, or is a folder, is named with the reason."""
    (tmp_path / "folder.json").mkdir()
    for name, reason in (("none.json", "No such file"), ("folder.json", "directory")):
        with pytest.raises(ConfigurationError, match=reason) as caught:
            GPOConfig.from_file(tmp_path / name)
        assert isinstance(caught.value.__cause__, OSError)


def test_yaml_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PyYAML the error says what to install; the other kinds of files work."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    path = tmp_path / "gpo.yaml"
    path.write_text("timeout: 5\n")
    with pytest.raises(ConfigurationError, match=r'pip install "gpo-client\[yaml\]"'):
        GPOConfig.from_file(path)
    path = tmp_path / "gpo.toml"
    path.write_text("timeout = 5\n")
    assert GPOConfig.from_file(path).timeout == 5


def test_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shells and compose files leave a variable out by leaving it empty."""
    monkeypatch.setenv("GPO_API_TIMEOUT", "")
    monkeypatch.setenv("GPO_API_BASE_URL", "")
    assert GPOConfig.from_env() == GPOConfig()
