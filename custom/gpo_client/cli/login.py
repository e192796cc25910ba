"""``gpo login`` and ``gpo logout``: the address and the key of a service, kept in a profile."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from gpo_client.cli.config import SettingsFile
from gpo_client.cli.console import Screen
from gpo_client.cli.exit_codes import usage
from gpo_client.cli.options import Common, OnScreen, Switch, say_goodbye
from gpo_client.client import SyncGPOCoreClient
from gpo_client.config import GPOConfig
from gpo_client.config.keys import KeyPlace, key_file
from gpo_client.config.profiles import KEY_FROM
from gpo_client.printable import one_line


def login(
    *,
    with_key: Annotated[Switch, Parameter(name=("--with-key", "--with-token"))] = False,
    common: Common = Common(),
    screen: OnScreen,
) -> object:
    """Log in to a service and keep your API key.

    Enter the address of the service and your key, which is not shown while you type. Both are tried first. The
    address goes into the settings file, the key into the key store of your system.

    Args:
        with_key: Read the key from standard input: gpo login --with-key < key.txt
    """
    file = SettingsFile.to_change(common.config, common.profile)
    address = common.base_url or _asked_address(file.get("base_url"))
    key = common.read_api_key() or (_piped_key() if with_key else _asked_key(address))
    screen.hide(key)
    file.set({"base_url": address, KEY_FROM: None})
    config = common.settings(screen, file.read_profile()).replace(base_url=address, api_key=key or None)
    user = _tried(config, common.session_context(file.read_profile()), screen)
    place = KeyPlace(file.profile, config.base_url)
    place.forget()
    store = place.keep(key) if key else None
    file.set({"base_url": config.base_url, KEY_FROM: store})
    file.write()
    _warn(screen, store)
    return Text(f"Logged in to {config.base_url} as {one_line(user)}. {_kept(file, store)}")


def logout(*, common: Common = Common(), screen: OnScreen) -> object:
    """Forget the API key of a profile. Its other settings stay."""
    file = SettingsFile.to_change(common.config, common.profile)
    address = common.base_url or file.get("base_url")
    forgotten = address is not None and KeyPlace(file.profile, address).forget()
    if file.get(KEY_FROM) is not None:
        file.set({KEY_FROM: None})
        file.write()
    if os.environ.get("GPO_API_API_KEY"):
        screen.warn("GPO_API_API_KEY is set: commands go on using that key")
    return Text(f"Logged out of {address}." if forgotten else f"No key is kept for the profile {file.profile}.")


def _asked_address(known: str | None) -> str:
    if not _is_interactive():
        raise usage("name the address of the service: gpo login --base-url https://gpo.example.com")
    typed = _typed(input, f"Address of the service{f' [{known}]' if known else ''}: ") or known
    if not typed:
        raise usage("an address is needed, such as https://gpo.example.com")
    return typed if "://" in typed else f"https://{typed}"


def _asked_key(address: str) -> str:
    if not _is_interactive():
        raise usage("there is no terminal to ask for the key: gpo login --with-key < key.txt")
    return _typed(getpass.getpass, f"API key for {one_line(address)} (Enter for none): ")


def _typed(ask: Callable[[str], str], prompt: str) -> str:
    try:
        return ask(prompt).strip()
    except EOFError as error:  # Ctrl-D
        raise usage("nothing was entered") from error


def _piped_key() -> str:
    try:
        key = sys.stdin.read().removeprefix("\ufeff").strip() if sys.stdin is not None else ""  # pyright: ignore[reportUnnecessaryComparison]
    except UnicodeDecodeError as error:
        raise usage("what is on standard input is no text in UTF-8") from error
    if not key:
        raise usage("there is no key on standard input")
    return key


def _is_interactive() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()  # pyright: ignore[reportUnnecessaryComparison] - None: closed


def _tried(config: GPOConfig, identity: Mapping[str, Any], screen: Screen) -> str:
    """Open a session and end it; the name of whoever is logged in. If that does not work, nothing has been kept."""
    with SyncGPOCoreClient(config.replace(max_retries=0)) as client:
        with screen.waiting("trying the address and the key"):
            session = client.session(identity)
        screen.hide(session.token)
        say_goodbye(client, session)
    return session.display_name or session.user_id or str(identity["user_id"])


def _warn(screen: Screen, store: str | None) -> None:
    if store == "file":
        screen.warn(f"this system has no key store: the key is in {key_file()}, which only you can read, as plain text")
    for name in ("BASE_URL", "API_KEY"):
        if os.environ.get(f"GPO_API_{name}"):
            screen.warn(f"GPO_API_{name} is set, and beats what you have entered")


def _kept(file: SettingsFile, store: str | None) -> str:
    where = f"Profile {file.profile} is in {file.path}"
    return f"{where}, the key in the key store of this system." if store == "keyring" else f"{where}."
