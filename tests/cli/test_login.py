"""gpo login, gpo logout, gpo config, profiles, and changes to the settings file."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gpo_client.config import ConfigOverrides
from gpo_sandbox import running_sandbox
from tests.cli.conftest import Gpo, shown
from tests.support.terminal import CTRL_D, ENTER, GPO, in_terminal

KEY = "k3y-s3cr3t"


@pytest.fixture(scope="module")
def guarded() -> Iterator[Any]:
    """A sandbox that wants a key."""
    with running_sandbox(chunk_delay_s=0, api_key=KEY) as running:
        yield running


def log_in(gpo: Gpo, guarded: Any, monkeypatch: pytest.MonkeyPatch, *arguments: str, key: str = KEY) -> Any:
    """What ``gpo login`` does with a key from standard input."""
    monkeypatch.delenv("GPO_API_BASE_URL", raising=False)
    return gpo("login", "--with-key", "--base-url", guarded.base_url, *arguments, stdin=f"{key}\n".encode())


def test_from_login_to_logout(gpo: Gpo, guarded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Afterwards the profile is enough; without a key store the key is in a file, and that is told."""
    done = log_in(gpo, guarded, monkeypatch, "--profile", "work")
    file, keys = tmp_path / "config" / "gpo" / "gpo.toml", tmp_path / "config" / "gpo" / "keys.json"
    assert done.complaint == (
        f"this system has no key store: the key is in {keys}, which only you can read, as plain text"
    )
    assert done.out.startswith(f"Logged in to {guarded.base_url} as user-")
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert KEY not in file.read_text()
    for arguments in (
        ("--profile", "work", "chat", "?"),
        ("chat", "?", "--profile=work"),
        ("--profile=work", "doctor"),
    ):
        assert gpo(*arguments).code == 0
    monkeypatch.setenv("GPO_PROFILE", "work")
    assert gpo("history").code == 0
    assert shown(gpo("config", "show"))["api_key"] == ("**********", f"file {keys}")
    assert gpo("logout").out == f"Logged out of {guarded.base_url}.\n"
    assert gpo("history").code == 3
    assert KEY not in keys.read_text()
    assert shown(gpo("config", "show"))["base_url"][0] == guarded.base_url
    assert gpo("logout").out == "No key is kept for the profile work.\n"


def test_a_wrong_key_is_not_kept(gpo: Gpo, guarded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is the address, nor what was there before lost."""
    log_in(gpo, guarded, monkeypatch)
    before = {path: path.read_bytes() for path in (tmp_path / "config" / "gpo").iterdir()}
    assert before
    assert log_in(gpo, guarded, monkeypatch, key="wr0ng").code == 3
    assert log_in(gpo, guarded, monkeypatch, "--profile", "other", key="wr0ng").code == 3
    assert {path: path.read_bytes() for path in (tmp_path / "config" / "gpo").iterdir()} == before
    assert gpo("history").code == 0


def test_what_cannot_be_asked(gpo: Gpo, guarded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal: one line that names the option."""
    monkeypatch.delenv("GPO_API_BASE_URL")
    assert "--base-url" in gpo("login", stdin=b"").complaint
    assert "--with-key" in gpo("login", "--base-url", guarded.base_url, stdin=b"").complaint
    at = ("--with-key", "--base-url", guarded.base_url)
    assert "no key on standard input" in gpo("login", *at, stdin=b"").complaint
    assert "no text in UTF-8" in gpo("login", *at, stdin="k3y".encode("utf-16")).complaint


def test_variables_that_beat_it_are_told(gpo: Gpo, guarded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who logs in and still sets a variable would wonder."""
    monkeypatch.setenv("GPO_API_API_KEY", KEY)
    done = gpo("login", "--with-key", "--base-url", guarded.base_url, stdin=KEY.encode())
    assert "GPO_API_BASE_URL is set" in done.err
    assert "GPO_API_API_KEY is set" in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_the_key_is_not_shown(guarded: Any, tmp_path: Path) -> None:
    """It is asked for without an echo; the address has the one before for a default."""
    for typed in (guarded.base_url.encode(), b""):
        with in_terminal("login", base_url="") as terminal:
            terminal.wait_for("Address of the service")
            terminal.send(typed + ENTER)
            terminal.wait_for("API key for")
            terminal.send(KEY.encode() + ENTER)
            assert terminal.wait() == 0
        assert KEY.encode() not in terminal.raw
        assert "Logged in to" in terminal.text


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("arguments", [(), ("--base-url", "https://gpo.example.com")])
def test_nothing_is_entered(arguments: tuple[str, ...]) -> None:
    """Ctrl-D at either question ends the command in one line."""
    with in_terminal("login", *arguments, base_url="") as terminal:
        terminal.wait_for("API key for" if arguments else "Address of the service")
        terminal.send(CTRL_D)
        assert terminal.wait() == 2
    assert "gpo: nothing was entered" in terminal.text


def test_changing_the_settings_file(gpo: Gpo, tmp_path: Path) -> None:
    """Comments stay; what is impossible is told before anything is written."""
    assert gpo("config", "path").out == f"{tmp_path / 'config' / 'gpo' / 'gpo.toml'}\n"
    local = tmp_path / "gpo.toml"
    local.write_text("# ours\nmax_resumes = 1  # few\n")
    assert gpo("config", "path").out == "gpo.toml\n"
    for arguments in (
        ("set", "timeout", "5"),
        ("set", "trace_requests", "false"),
        ("set", "stream_total_timeout", "none", "--profile", "work"),
        ("set", "user_id", "user-7", "--profile", "work"),
    ):
        assert gpo("config", *arguments).code == 0
    assert gpo("config", "unset", "trace_requests").code == 0
    text = local.read_text()
    assert text.startswith("# ours\nmax_resumes = 1  # few\n")
    assert "timeout = 5.0" in text
    impossible: list[tuple[str, ...]] = [
        ("set", "timeot", "5"),
        ("unset", "timeot"),
        ("set", "timeout", "soon"),
        ("set", "api_key", "k"),
        ("set", "base_url", "x"),
    ]
    for refused in impossible:
        assert gpo("config", *refused).code == 2
    assert local.read_text() == text
    (tmp_path / "odd.toml").write_text("[profile.default]\ntimeot = 1\n")
    assert gpo("config", "unset", "timeot", "--config", "odd.toml").code == 0
    assert (tmp_path / "odd.toml").read_text() == "[profile.default]\n"
    assert "TOML" in gpo("config", "set", "timeout", "5", "--config", "a.json").complaint


@pytest.mark.parametrize("text", ["profile = 5\n", "[profile]\ndefault = 5\n", "[profile.default]\nsession = 5\n"])
def test_settings_files_of_another_shape(text: str, gpo: Gpo, guarded: Any, tmp_path: Path) -> None:
    """Whichever command is to change them, it says what is wrong in one line."""
    (tmp_path / "gpo.toml").write_text(text)
    for command in (("config", "set", "timeout", "5"), ("config", "set", "user_id", "u"), ("login",), ("logout",)):
        done = gpo(*command)
        assert (done.code, done.out) == (2, "")
        assert "must be a table, not 5 (from file gpo.toml" in done.complaint
    assert (tmp_path / "gpo.toml").read_text() == text


def test_byte_order_marks(gpo: Gpo, guarded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Editors and shells on Windows put one before a text, which is no part of a key, a field or a setting."""
    assert log_in(gpo, guarded, monkeypatch, key=f"\ufeff{KEY}").code == 0
    assert gpo("logout").code == 0
    (tmp_path / "key").write_text(f"{KEY}\r\n", encoding="utf-8-sig")
    (tmp_path / "fields").write_text("X-Team: tax\r\n", encoding="utf-8-sig")
    (tmp_path / "gpo.toml").write_text("timeout = 5\r\n", encoding="utf-8-sig")
    at = ("--base-url", guarded.base_url, "--api-key-file", "key", "--header", "@fields")
    assert gpo("history", *at).code == 0
    assert gpo("config", "set", "max_resumes", "1").code == 0
    assert shown(gpo("config", "show"))["timeout"][0] == "5.0"


def test_who_asks_can_stand_in_a_profile(gpo: Gpo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An option beats the environment, which beats the profile."""
    (tmp_path / "gpo.toml").write_text('[session]\nproject_id = "p"\nuser_id = "u"\ninstance_id = "i"\n')
    monkeypatch.setenv("GPO_SESSION_USER_ID", "user-e")
    settings = shown(gpo("config", "show", "--instance-id", "o"))
    assert settings["project_id"] == ("p", "file gpo.toml")
    assert settings["user_id"][0] == "user-e"
    assert settings["instance_id"][0] == "o"


_IN_DBUS = """
set -e
printf 'pw' | gnome-keyring-daemon --unlock --components=secrets >/dev/null
printf '%s' "$KEY" | "$@" login --with-key --base-url "$URL"
"$@" config show | grep '^api_key'
"$@" history
"$@" logout
"$@" history || echo "code $?"
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
    reason="needs dbus-run-session and gnome-keyring-daemon (apt)",
)
def test_gnome_keyring(guarded: Any, tmp_path: Path) -> None:
    """A real key store: no file has the key, and logging out takes it out of the store."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON_KEYRING_BACKEND"}
    environment |= {"KEY": KEY, "URL": guarded.base_url, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    done = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", _IN_DBUS, "bash", *GPO],
        env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "code 3" in done.stdout, done
    assert "api_key\t**********\tthe key store of this system" in done.stdout
    assert "no key store" not in done.stderr
    assert not (tmp_path / "config" / "gpo" / "keys.json").exists()


# --- gpo config show.


def test_every_setting_and_its_origin(gpo: Gpo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options beat the environment, the environment beats the file, the file beats the defaults."""
    (tmp_path / "gpo.toml").write_text('max_retries = 7\ntimeout = 5\nproxy = "http://user:pa55-s3cr3t@127.0.0.1:9"\n')
    (tmp_path / "key").write_text("k3y-s3cr3t\n")
    monkeypatch.setenv("GPO_API_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("GPO_API_MAX_RETRIES", "9")
    monkeypatch.setenv("GPO_SESSION_PROJECT_ID", "project-1")
    done = gpo(
        "config", "show", "--config", "gpo.toml", "--timeout", "3", "--api-key-file", "key", "--instance-id", "i"
    )
    settings = shown(done)
    assert "s3cr3t" not in done.out
    assert settings["base_url"] == ("http://127.0.0.1:1", "environment variable GPO_API_BASE_URL")
    assert settings["max_retries"] == ("9", "environment variable GPO_API_MAX_RETRIES")
    assert settings["proxy"][1] == "file gpo.toml"
    assert settings["timeout"] == ("3.0", "option --timeout")
    assert settings["stream_total_timeout"] == ("3.0", "option --timeout")
    assert settings["api_key"] == ("**********", "file key")
    assert settings["proxy"] == ("**********", "file gpo.toml")
    assert settings["connect_timeout"] == ("10.0", "the default")
    assert settings["verify_ssl"] == ("true", "the default")
    assert settings["instance_id"] == ("i", "option --instance-id")
    assert settings["project_id"] == ("project-1", "environment variable GPO_SESSION_PROJECT_ID")
    assert settings["environment"] == ("none", "the default")
    assert set(settings) >= set(ConfigOverrides.__annotations__)


def test_defaults(gpo: Gpo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without anything: the sandbox on this machine, and whoever is logged in."""
    import getpass

    monkeypatch.delenv("GPO_API_BASE_URL")
    monkeypatch.delenv("GPO_SESSION_USER_ID")
    rows = {row["setting"]: row for row in map(json.loads, gpo("config", "show", "--json").lines)}
    monkeypatch.setenv("GPO_API_BASE_URL", "")
    assert rows["base_url"] == {"setting": "base_url", "value": "http://127.0.0.1:8760", "origin": "the default"}
    assert rows["user_id"]["value"] == getpass.getuser()
    assert rows["user_id"]["origin"] == "the name you are logged in under"
    assert rows["instance_id"]["value"] == "gpo-cli"


def test_a_misspelt_variable(gpo: Gpo, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what was meant, without the value; the command goes on."""
    monkeypatch.setenv("GPO_API_APIKEY", "k3y-s3cr3t")
    done = gpo("config", "show")
    assert done.code == 0
    assert done.complaint == "no setting has the environment variable GPO_API_APIKEY (did you mean GPO_API_API_KEY?)"
    assert "s3cr3t" not in done.out


def test_a_file_named_in_the_environment(gpo: Gpo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An option names another one."""
    (tmp_path / "one.json").write_text('{"timeout": 1}')
    (tmp_path / "two.json").write_text('{"timeout": 2}')
    monkeypatch.setenv("GPO_CONFIG_FILE", "one.json")
    assert shown(gpo("config", "show"))["timeout"] == ("1.0", "file one.json")
    assert shown(gpo("config", "show", "--config", "two.json"))["timeout"] == ("2.0", "file two.json")


def test_options_for_networks(gpo: Gpo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are settings; header fields join those of the environment, secrets stand in a file and are masked."""
    (tmp_path / "fields").write_text("X-Gateway-Key: g4teway-s3cr3t\n")
    (tmp_path / "ca.pem").touch()
    monkeypatch.setenv("GPO_API_HEADERS", "X-Team: law\nX-Site: mx")
    done = gpo(
        *(
            "config", "show", "--header", "x-team: tax", "--header", "@fields", "--proxy",
            "socks5h://ana:pa55@127.0.0.1:9",
        ),
        *("--ca-bundle", "ca.pem", "--client-cert", "ca.pem", "--client-key", "ca.pem"),
    )  # fmt: skip
    settings = shown(done)
    assert settings["headers"] == (
        "{'X-Site': 'mx', 'x-team': 'tax', 'X-Gateway-Key': '**********'}",
        "option --header",
    )
    assert settings["proxy"] == ("**********", "option --proxy")
    for name in ("ca_bundle", "client_cert", "client_key"):
        assert settings[name] == ("ca.pem", f"option --{name.replace('_', '-')}")
    refused = gpo("config", "show", "--header", "Authorization: Bearer x")
    assert refused.code == 2
    assert "headers cannot have Authorization" in refused.err
