"""How clients are made and closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import gpo_client
from gpo_client import ConfigurationError, GPOConfig, UsageError
from tests.client.outcomes import Connect
from tests.client.scenarios import CONTEXT, QUESTION
from tests.client.users import open_session


async def test_client_from_a_file(connect: Connect, world: str, sandbox: Any, tmp_path: Path) -> None:
    """A client is made from a settings file; arguments beat it."""
    path = tmp_path / "gpo.toml"
    path.write_text(f'base_url = "{sandbox.base_url}"\ntimeout = 7\nuser_agent = "from-a-file/1"\n')
    kind = gpo_client.SyncGPOCoreClient if world == "sync" else gpo_client.GPOCoreClient
    made = kind.from_config_file(path, timeout=9)
    assert (made.config.base_url, made.config.timeout) == (sandbox.base_url, 9)
    async with connect(config=made.config) as client:
        assert (await open_session(client)).token


async def test_address_in_place_of_the_settings(world: str) -> None:
    """An address in place of the settings is a frequent slip; the error says what was meant."""
    kind: Any = gpo_client.SyncGPOCoreClient if world == "sync" else gpo_client.GPOCoreClient
    with pytest.raises(ConfigurationError, match="base_url="):
        kind("http://gpo.example.com")


async def test_closed_client_twice(connect_once: Connect) -> None:
    """Closing twice is allowed, using a closed client is not, and the error says what to do."""
    client = connect_once(config=GPOConfig())
    await client.aclose()
    await client.aclose()
    with pytest.raises(UsageError, match="make a new one"):
        await client.chat(CONTEXT, QUESTION)
