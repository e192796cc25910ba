"""The command line, the settings behind it, and the page about both."""

import re
import socket
import sqlite3
from pathlib import Path
from typing import Any

import attrs
import pytest

from gpo_sandbox import SandboxSettings, SettingsError
from gpo_sandbox.__main__ import main
from gpo_sandbox.faults import FAULT_NAMES
from gpo_sandbox.server import Command
from gpo_sandbox.settings import ENVIRONMENT_PREFIX, flag_name


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings of the machine out."""
    for name in ("PORT", "API_KEY", "TOKEN_TTL_S", "DB"):
        monkeypatch.delenv(f"GPO_SANDBOX_{name}", raising=False)


def test_flags_beat_the_environment_and_that_beats_the_default() -> None:
    """Each source has its place, and an empty variable counts as not set."""
    environment = {"GPO_SANDBOX_PORT": "1", "GPO_SANDBOX_CHUNK_DELAY_S": "0.5", "GPO_SANDBOX_DB": ""}
    settings = SandboxSettings.from_sources(environment, {"port": "2", "corpus": "docs", "host": None})
    expected = SandboxSettings(port=2, chunk_delay_s=0.5, corpus=Path("docs"))
    assert settings == expected
    assert (settings.host, settings.db, settings.token_ttl_s) == ("127.0.0.1", ":memory:", 3600)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--port", "x"], ["port", "--port", "'x'", "whole number"]),
        (["--port", "70000"], ["port", "65535", "--port", "'70000'"]),
        (["--port", "-1"], ["port"]),
        (["--token-ttl-s", "0"], ["token_ttl_s", "--token-ttl-s", "greater than 0"]),
        (["--chunk-delay-s", "nan"], ["chunk_delay_s"]),
        (["--heartbeat-interval-s", "often"], ["heartbeat_interval_s", "must be a number"]),
        (["--max-body-bytes", "1.5"], ["max_body_bytes"]),
        (["--corpus", "no-such-folder"], ["corpus", "no-such-folder"]),
        (["--db", "no-such-folder/sandbox.db"], ["db", "no-such-folder"]),
        (["--db", __file__], ["db", "not a database"]),
        (["--retry-ms", "-1"], ["retry_ms", "--retry-ms", "at least 0"]),
        (["--faults", "perhaps"], ["faults", "--faults", "'perhaps'", "true or false"]),
        (["--fault", "drop-after=x"], ["setting fault: drop-after must be", "--fault is 'drop-after=x'"]),
    ],
)
def test_bad_values(capsys: pytest.CaptureFixture[str], flags: list[str], told: list[str]) -> None:
    """One line says which setting it is and where the value came from; the exit code is 2."""
    code = main(["--port", "0", *flags])
    said = capsys.readouterr()
    assert (code, said.out, said.err.count("\n")) == (2, "", 1)
    assert all(part in said.err for part in told)


def test_a_bad_variable(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment variable is named."""
    monkeypatch.setenv("GPO_SANDBOX_PORT", "eighty")
    assert main([]) == 2
    assert "environment variable GPO_SANDBOX_PORT is 'eighty'" in capsys.readouterr().err


def test_a_bad_fault_in_a_variable(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts of faults are checked wherever they come from."""
    monkeypatch.setenv("GPO_SANDBOX_FAULT", "times=2")
    assert main(["--port", "0"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.endswith("but environment variable GPO_SANDBOX_FAULT is 'times=2'\n")


@pytest.mark.parametrize(("text", "value"), [("true", True), ("ON", True), ("1", True), ("no", False), ("0", False)])
def test_switches(text: str, value: bool) -> None:
    """A switch can be said in several ways."""
    assert SandboxSettings.from_sources({"GPO_SANDBOX_FAULTS": text}, {}).faults is value


def test_a_switch_alone_switches_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The flag needs no value."""
    found: list[SandboxSettings] = []

    def serve(_: Command, settings: SandboxSettings) -> int:
        found.append(settings)
        return 0

    monkeypatch.setattr("gpo_sandbox.server.Command.serve", serve)
    assert [main(["--faults", "--port", "0"]), main(["--faults", "off"]), main([])] == [0, 0, 0]
    assert [settings.faults for settings in found] == [True, False, False]


def test_an_unknown_flag(capsys: pytest.CaptureFixture[str]) -> None:
    """Flags that do not exist are refused."""
    with pytest.raises(SystemExit) as stopped:
        main(["--colour", "red"])
    assert stopped.value.code == 2
    assert "--colour" in capsys.readouterr().err


@pytest.mark.parametrize("flags", [["--api-key", "k3y-s3cr3t"], ["--api-key=k3y-s3cr3t"], ["--api-key"]])
def test_a_key_is_no_argument(capsys: pytest.CaptureFixture[str], flags: list[str]) -> None:
    """Where everybody on the machine sees it; the message says where to put it, and does not show it."""
    assert main(["--port", "0", *flags]) == 2
    said = capsys.readouterr().err
    assert "GPO_SANDBOX_API_KEY" in said
    assert "--api-key-file" in said
    assert "k3y-s3cr3t" not in said


def test_a_key_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It beats the environment, without the line end and the mark of editors; a file that holds none is an error."""
    found: list[str | None] = []

    def serve(_: Command, settings: SandboxSettings) -> int:
        found.append(settings.api_key)
        return 0

    monkeypatch.setattr("gpo_sandbox.server.Command.serve", serve)
    monkeypatch.setenv("GPO_SANDBOX_API_KEY", "environment-k3y")
    key = tmp_path / "key"
    key.write_text("file-k3y\n", encoding="utf-8-sig")
    assert [main(["--api-key-file", str(key)]), main([])] == [0, 0]
    assert found == ["file-k3y", "environment-k3y"]
    key.write_bytes(b"\n")
    assert main(["--api-key-file", str(key)]) == 2
    assert "is empty" in capsys.readouterr().err
    for bad, reason in ((tmp_path, "directory"), (tmp_path / "none", "No such file")):
        assert main(["--api-key-file", str(bad)]) == 2
        assert reason in capsys.readouterr().err
    key.write_bytes(b"\xff")
    assert main(["--api-key-file", str(key)]) == 2
    assert "no text" in capsys.readouterr().err


def test_every_setting_has_a_flag(capsys: pytest.CaptureFixture[str]) -> None:
    """The help shows all of them."""
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    said = capsys.readouterr().out
    assert stopped.value.code == 0
    assert all(f"--{name.replace('_', '-')}" in said for name in SandboxSettings.__annotations__)


def test_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    """One line says so; the exit code is 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code = main(["--port", str(port)])
    said = capsys.readouterr().err
    assert (code, said.count("\n")) == (1, 1)
    assert f"127.0.0.1 port {port}" in said


def test_settings_check_themselves() -> None:
    """Settings made by a program are checked too, and keep the API key to themselves."""
    with pytest.raises(SettingsError, match="resume_grace_s"):
        SandboxSettings(resume_grace_s=-1)
    assert "hush" not in repr(SandboxSettings(api_key="hush"))


def test_a_database_of_another_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables that this sandbox does not know are left alone."""
    path = tmp_path / "newer.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert main(["--port", "0", "--db", str(path)]) == 2
    assert "version 99" in capsys.readouterr().err


# --- docs/sandbox.md says what is so.

_TEXT = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def _table(heading: str) -> list[str]:
    """Return the rows of the first table under a heading."""
    section = _TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| `")]


def _row(field: "attrs.Attribute[Any]") -> str:
    default = "none" if field.default is None else f"`{str(field.default).replace('False', 'false')}`"
    names = (field.name, flag_name(field.name), ENVIRONMENT_PREFIX + field.name.upper())
    return f"| {' | '.join(f'`{name}`' for name in names)} | {default} | {field.metadata['help']} |"


def test_the_settings() -> None:
    """The table is what the settings themselves give; when it is not, this shows what it should be."""
    expected = [_row(field) for field in attrs.fields(SandboxSettings)]
    assert _table("Settings") == expected, "\n".join(["the table should be:", *expected])


def test_the_faults() -> None:
    """The table has every fault, and no other."""
    names = [row.split("`")[1].partition("=")[0] for row in _table("Faults")]
    assert sorted(names) == sorted(FAULT_NAMES)


def test_flags_in_the_text() -> None:
    """Every flag that is mentioned exists."""
    flags = {flag_name(field.name) for field in attrs.fields(SandboxSettings)}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", _TEXT)) <= flags
