"""Profiles of a settings file, and the file that applies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import ConfigurationError, GPOConfig
from gpo_client.config.keys import KeyPlace, key_file
from gpo_client.config.profiles import read_profile

_FILE = """
timeout = 20
[session]
user_id = "user-1"
[profile.work]
base_url = "https://work.example.com"
[profile.work.session]
project_id = "project-1"
[profile.default]
timeout = 30
"""


class Ring(keyring.backend.KeyringBackend):
    """A key store that keeps what it is given, or does not, or cannot be reached."""

    priority = 1

    def __init__(self, kind: str = "works") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kind, self.kept = kind, dict[tuple[str, str], str]()

    def get_password(self, service: str, username: str) -> str | None:
        self._reach()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._reach()
        if self.kind != "keeps nothing":
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._reach()
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("no such entry")

    def _reach(self) -> None:
        if self.kind == "locked":
            raise keyring.errors.KeyringLocked("the collection is locked")


@pytest.fixture
def ring() -> Iterator[Callable[[str], Ring]]:
    """Puts a key store of a kind into the place of the system's."""
    before = keyring.get_keyring()

    def use(kind: str) -> Ring:
        made = Ring(kind)
        keyring.set_keyring(made)
        return made

    yield use
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def test_profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a profile leaves out stands at the top; an argument beats it; the origin says which of them it was."""
    path = tmp_path / "other.toml"
    path.write_text(_FILE)
    work = GPOConfig.from_profile("work", path=path, max_retries=1)
    assert (work.base_url, work.timeout, work.max_retries) == ("https://work.example.com", 20, 1)
    assert work.origin("base_url") == f"file {path}, profile work"
    assert work.origin("timeout") == f"file {path}"
    assert GPOConfig.from_profile(path=path).timeout == GPOConfig.from_file(path).timeout == 30
    monkeypatch.setenv("GPO_PROFILE", "work")
    assert GPOConfig.from_profile(path=path) == GPOConfig.from_profile("work", path=path)
    assert GPOConfig.from_file(path).timeout == 30, "a file that a program names is not another because of GPO_PROFILE"


def test_the_file_that_applies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument beats the environment, that beats gpo.toml in the working directory, and that beats the user's."""
    assert GPOConfig.from_profile().timeout == 60, "no file is no error"
    users = tmp_path / "config" / "gpo" / "gpo.toml"
    users.parent.mkdir(parents=True)
    for number, path in enumerate((users, Path("gpo.toml"), tmp_path / "c.toml", tmp_path / "d.json"), 1):
        path.write_text(f'{{"timeout": {number}}}' if path.suffix == ".json" else f"timeout = {number}")
        if number == 3:
            monkeypatch.setenv("GPO_CONFIG_FILE", str(path))
        assert GPOConfig.from_profile(path=path if number == 4 else None).timeout == number


@pytest.mark.parametrize(
    ("text", "profile", "told"),
    [
        ("", "work", "there is no profile 'work' in file .*; gpo login --profile work makes one"),
        (_FILE, "wrok", "did you mean work\\?"),
        ("profile = 1", None, "profile must be a table, not 1"),
        ("[profile]\nwork = 1", "work", "profile.work must be a table"),
        ("[profile.work]\ntimeot = 1", "work", "no setting 'timeot' .*profile work.*did you mean timeout"),
        ("[profile.work]\ntimeout = -1", "work", "timeout must be .*profile work"),
        ("session = []", None, "session must be a table"),
        ('[session]\nuser = "x"', None, "a session has no 'user' .*did you mean user_id"),
        ("[profile.work.session]\nuser_id = 1", "work", "user_id must be a text, not 1"),
        ('[profile.work]\napi_key_from = "hat"', "work", 'api_key_from must be "keyring" or "file", not \'hat\''),
    ],
)
def test_impossible_profiles(text: str, profile: str | None, told: str) -> None:
    """The error names the profile and the file, and says what to do."""
    Path("gpo.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=told):
        GPOConfig.from_profile(profile)


def test_no_file_at_all() -> None:
    """A profile that is named must be somewhere."""
    with pytest.raises(ConfigurationError, match="no profile 'work' in your settings; gpo login --profile work"):
        GPOConfig.from_profile("work")


_TABLES = st.dictionaries(st.sampled_from(["timeout", "base_url", "max_retries"]), st.integers(), max_size=3)


@given(_TABLES, _TABLES, _TABLES)
def test_profiles_lie_over_the_top(top: dict[str, Any], own: dict[str, Any], other: dict[str, Any]) -> None:
    """Setting by setting, whatever there is; another profile has no part in it."""
    profile = read_profile({**top, "profile": {"a": own, "b": other}}, "a", "f")
    assert {name: value for name, (value, _) in profile.settings.items()} == top | own


@pytest.mark.parametrize(
    ("kind", "store"), [("works", "keyring"), ("keeps nothing", "file"), ("locked", "file")], ids=lambda value: value
)
def test_keys(kind: str, store: str, ring: Callable[[str], Ring], monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's store has the key if it gives it back; else a file has it. It goes to its own address alone."""
    kept = ring(kind)
    place = KeyPlace("work", "https://work.example.com")
    assert place.keep("k3y-s3cr3t") == store
    assert bool(kept.kept) == (store == "keyring") != key_file().exists()
    Path("gpo.toml").write_text(f'[profile.work]\nbase_url = "{place.base_url}/"\napi_key_from = "{store}"\n')
    config = GPOConfig.from_profile("work")
    assert config.api_key == "k3y-s3cr3t"
    assert "s3cr3t" not in repr(config)
    assert config.origin("api_key") == ("the key store of this system" if store == "keyring" else f"file {key_file()}")
    assert GPOConfig.from_profile("work", base_url="https://evil.example.com").api_key is None
    assert GPOConfig.from_profile("work", api_key=None).api_key is None
    monkeypatch.setenv("GPO_API_API_KEY", "other")
    assert GPOConfig.from_profile("work").api_key == "other"
    monkeypatch.delenv("GPO_API_API_KEY")
    assert [place.forget(), place.forget()] == [True, False]
    assert GPOConfig.from_profile("work").api_key is None


def test_a_store_that_cannot_be_read(ring: Callable[[str], Ring]) -> None:
    """An error that says what to do, not a call without the key."""
    ring("locked")
    Path("gpo.toml").write_text('api_key_from = "keyring"')
    with pytest.raises(ConfigurationError, match=r"the collection is locked.*unlock it, or set GPO_API_API_KEY"):
        GPOConfig.from_profile()


def test_the_file_of_keys(ring: Callable[[str], Ring]) -> None:
    """Only its owner can read it; where others can, or where it is damaged, it is refused with the remedy."""
    ring("keeps nothing")
    Path("gpo.toml").write_text('api_key_from = "file"')
    KeyPlace("default", "http://127.0.0.1:8760").keep("k")
    assert key_file().stat().st_mode & 0o777 == 0o600
    assert GPOConfig.from_profile().api_key == "k"
    key_file().chmod(0o640)
    with pytest.raises(ConfigurationError, match=r"others can read the keys.*chmod 600"):
        GPOConfig.from_profile()
    key_file().chmod(0o600)
    for damaged in (b"{", b"[]", b'{"a": 1}', b"\xff"):
        key_file().write_bytes(damaged)
        with pytest.raises(ConfigurationError, match="cannot read the keys in file"):
            GPOConfig.from_profile()
