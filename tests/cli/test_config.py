"""gpo config show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gpo_client.config import ConfigOverrides
from tests.cli.conftest import Gpo, shown


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
