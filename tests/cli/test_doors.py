"""gpo serve: doors on this machine, until Ctrl-C."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from tests.cli.conftest import Gpo
from tests.support.terminal import CTRL_C, GPO, Terminal


def test_openai_until_ctrl_c(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows a key of its own making, and lets nobody in without, nor under a name that is not this machine's."""
    monkeypatch.setenv("GPO_API_BASE_URL", sandbox.base_url)
    with Terminal("gpo", "serve", "openai", "--port", "0") as terminal:
        shown = terminal.wait_for("until Ctrl-C")
        address = re.search(r"http://127\.0\.0\.1:\d+/v1", shown)
        key = re.search(r"sk-[\w-]+", shown)
        assert address
        assert key
        models = f"{address[0]}/models"
        headers = {"Authorization": f"Bearer {key[0]}"}
        assert httpx.get(models, headers=headers).json()["data"][0]["id"] == "gpo"
        assert httpx.get(models).status_code == 401
        assert httpx.get(models, headers={**headers, "Host": "rebound.example.com"}).status_code == 400
        terminal.send(CTRL_C)
        assert terminal.wait() == 0
    assert "Traceback" not in terminal.text


def test_keys_from_a_file(gpo: Gpo, tmp_path: Path) -> None:
    """One that is too short to be a secret, or a file that is not there, ends the command before it serves."""
    (tmp_path / "keys").write_text("short maria\n")
    assert "at least 8 characters" in gpo("serve", "openai", "--keys", "keys").complaint
    assert "cannot read the keys" in gpo("serve", "openai", "--keys", "missing").complaint
    assert gpo("serve", "openai", "--keys", "keys", "--anyone").code == 2


@pytest.mark.slow
def test_mcp_on_standard_streams(sandbox: Any) -> None:
    """A real agent starts the command and reads nothing on its standard output but the protocol."""
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    environment = {"GPO_API_BASE_URL": sandbox.base_url, "GPO_SESSION_USER_ID": "user-1"}
    parameters = StdioServerParameters(command=GPO[0], args=[*GPO[1:], "mcp"], env=environment)

    async def ask() -> Any:
        async with Client(stdio_client(parameters), raise_exceptions=True) as client:
            return await client.call_tool("ask", {"question": "What is RESICO?"})

    assert anyio.run(ask).structured_content["sources"]
