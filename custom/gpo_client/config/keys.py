"""API keys: asked of functions and credentials, or kept for a profile, in the system's key store or a private file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import attrs
import msgspec

from gpo_client.config.profiles import user_folder
from gpo_client.exceptions import ConfigurationError
from gpo_client.models.secret import Secret

_SERVICE = "gpo-client"
_FILE_NAME = "keys.json"


@attrs.frozen
class KeyPlace:
    """The place of a profile's key. A key goes to no other address than the one it was kept for."""

    profile: str
    base_url: str

    @property
    def entry(self) -> str:
        """The name of the entry in a key store."""
        return f"{self.profile}@{self.base_url}"

    def read(self, store: str) -> Secret | None:
        """Return the key, or None when this store, ``"keyring"`` or ``"file"``, has none.

        Raises ConfigurationError: the store cannot be read.
        """
        key = _from_keyring(self.entry) if store == "keyring" else _read_file().get(self.entry)
        return Secret(key) if key else None

    def keep(self, key: str) -> str:
        """Keep a key, and return the store that took it: ``"keyring"``, or ``"file"`` where the system has none."""
        self.forget()
        if _to_keyring(self.entry, key):
            return "keyring"
        _write_file({**_read_file(), self.entry: key})
        return "file"

    def forget(self) -> bool:
        """Remove the key from all stores; whether there was one."""
        kept = _read_file()
        if is_in_file := self.entry in kept:
            _write_file({entry: key for entry, key in kept.items() if entry != self.entry})
        return _forget_in_keyring(self.entry) or is_in_file


def key_file() -> Path:
    """Return the file for keys on systems without a key store."""
    return user_folder() / _FILE_NAME


def origin_of(store: str) -> str:
    """Return a store, as the origin of a setting."""
    return "the key store of this system" if store == "keyring" else f"file {key_file()}"


def _keyring() -> ModuleType:
    try:
        import keyring
    except ImportError as error:
        remedy = 'pip install "gpo-client[profiles]"'
        raise ConfigurationError(f"reading the key store needs an extra: {remedy}", setting="api_key") from error
    return keyring


def _from_keyring(entry: str) -> str | None:
    keyring = _keyring()
    try:
        key: str | None = keyring.get_password(_SERVICE, entry)
    except Exception as error:  # backends raise whatever their systems do: locked, no bus, denied
        message = f"the key store of this system cannot be read ({error}): unlock it, or set GPO_API_API_KEY"
        raise ConfigurationError(message, setting="api_key", origin=origin_of("keyring")) from error
    return key


def _to_keyring(entry: str, key: str) -> bool:
    """Whether the system's store has the key now. Some take it and keep nothing: only reading it back tells."""
    return bool(
        _attempt(lambda keyring: keyring.set_password(_SERVICE, entry, key) or True)
        and _attempt(lambda keyring: keyring.get_password(_SERVICE, entry)) == key
    )


def _forget_in_keyring(entry: str) -> bool:
    was_kept = _attempt(lambda keyring: keyring.get_password(_SERVICE, entry)) is not None
    return was_kept and bool(_attempt(lambda keyring: keyring.delete_password(_SERVICE, entry) or True))


def _attempt(do: Callable[[ModuleType], object]) -> object:
    """Return what a store gives; None when it is not there, or locked, or has no such entry."""
    with suppress(Exception):  # backends raise whatever their systems do
        return do(_keyring())
    return None


def _read_file() -> dict[str, str]:
    path = key_file()
    origin = f"file {path}"
    try:
        with path.open("rb") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                message = f"others can read the keys in {origin}: chmod 600 {path}"
                raise ConfigurationError(message, setting="api_key", origin=origin)
            return msgspec.json.decode(file.read(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        message = f"cannot read the keys in {origin}: {error}; gpo login writes it anew once you have removed it"
        raise ConfigurationError(message, setting="api_key", origin=origin) from error


def _write_file(keys: Mapping[str, str]) -> None:
    """Replace the file at once, by one that only its owner can read."""
    path = key_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, temporary = tempfile.mkstemp(prefix=".keys-", dir=path.parent)  # mode 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(keys))
        Path(temporary).replace(path)
    except OSError as error:
        origin = f"file {path}"
        message = f"cannot write the keys to {origin}: {error.strerror}"
        raise ConfigurationError(message, setting="api_key", origin=origin) from error


#: What a function that is asked for the key gives: the key, on an asynchronous client perhaps awaited.
KeyFunction = Callable[[], str | Awaitable[str]]


class TokenCredential(Protocol):
    """A credential as ``azure.identity`` has them, blocking or asynchronous."""

    def get_token(self, *scopes: str) -> Any:
        """Return an access token for the scopes: an object whose ``token`` is the text, perhaps awaited."""


def is_provider(value: object) -> bool:
    """Whether a value is asked for the key, and is not the key."""
    return not isinstance(value, type) and (callable(value) or _is_credential(value))


def asker(provider: Any, scope: str | None) -> Callable[[], Any]:
    """Return what asks a provider: a function, or a credential, whose tokens have scopes separated by blanks."""
    return partial(provider.get_token, *(scope or "").split()) if _is_credential(provider) else provider


def wants_scope(provider: object, scope: str | None) -> bool:
    """Whether a provider must be told a scope, and is not."""
    return _is_credential(provider) and not scope


def key_of(given: Any) -> Any:
    """Return the key in what a provider gave: the text itself, or the ``token`` of an access token."""
    return given if isinstance(given, str) else getattr(given, "token", None)


def _is_credential(value: object) -> bool:
    return callable(getattr(value, "get_token", None))
