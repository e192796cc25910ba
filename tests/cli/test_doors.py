"""gpo serve, gpo mcp and gpo sandbox: servers on this machine, until Ctrl-C."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from gpo_client import SyncGPOCoreClient
from tests.cli.conftest import Gpo
from tests.support.terminal import CTRL_C, GPO, Terminal


@contextmanager
def _serving(*arguments: str) -> Generator[tuple[str, dict[str, str]]]:
    """A server until Ctrl-C, which ends it without a word: its address, and the field with the key that it shows."""
    with Terminal("gpo", *arguments, "--port", "0") as terminal:
        shown = terminal.wait_for("until Ctrl-C")
        address, key = re.search(r"http://127\.0\.0\.1:\d+/\w+", shown), re.search(r"sk-[\w-]+", shown)
        assert address
        assert key
        yield address[0], {"Authorization": f"Bearer {key[0]}"}
        terminal.send(CTRL_C)
        assert terminal.wait() == 0
    assert "Traceback" not in terminal.text


def test_openai_until_ctrl_c(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows a key of its own making, and lets nobody in without, nor under a name that is not this machine's."""
    monkeypatch.setenv("GPO_API_BASE_URL", sandbox.base_url)
    with _serving("serve", "openai") as (address, headers):
        models = f"{address}/models"
        assert httpx.get(models, headers=headers).json()["data"][0]["id"] == "gpo"
        assert httpx.get(models).status_code == 401
        assert httpx.get(models, headers={**headers, "Host": "rebound.example.com"}).status_code == 400


def test_mcp_until_ctrl_c(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for agents."""
    monkeypatch.setenv("GPO_API_BASE_URL", sandbox.base_url)
    with _serving("mcp", "--http") as (address, headers):
        assert httpx.post(address, json={}).status_code == 401
        assert httpx.post(address, json={}, headers=headers).status_code != 401


def test_keys_from_a_file(gpo: Gpo, tmp_path: Path) -> None:
    """One that is too short to be a secret, or a file that is not there, ends the command before it serves."""
    (tmp_path / "keys").write_text("short maria\n")
    assert "at least 8 characters" in gpo("serve", "openai", "--keys", "keys").complaint
    assert "cannot read the keys" in gpo("serve", "openai", "--keys", "missing").complaint
    assert gpo("serve", "openai", "--keys", "keys", "--anyone").code == 2


def test_addresses_to_listen_on(gpo: Gpo) -> None:
    """Those of IPv6 too; none at all would be every address that the machine has."""
    try:
        taken = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("there is no IPv6 here")
    with taken:
        port = str(taken.getsockname()[1])
        done = gpo("serve", "openai", "--host", "::1", "--port", port, "--anyone")
    told = f"cannot listen on ::1, port {port}: Address already in use"
    assert (done.code, done.complaint.partition(" (")[0]) == (1, told)
    assert gpo("serve", "openai", "--host", "", "--anyone").code == 2


@pytest.mark.slow
def test_mcp_on_standard_streams(sandbox: Any) -> None:
    """A real agent starts the command and reads nothing on its standard output but the protocol."""
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    environment = {"GPO_API_BASE_URL": sandbox.base_url, "GPO_SESSION_USER_ID": "user-1"}
    parameters = StdioServerParameters(command=GPO[0], args=[*GPO[1:], "mcp"], env=environment)

    errors = sys.__stderr__ or sys.stderr  # by default that of whoever was the first to import the client

    async def ask() -> Any:
        async with Client(stdio_client(parameters, errors), raise_exceptions=True) as client:
            return await client.call_tool("ask", {"question": "What is RESICO?"})

    assert anyio.run(ask).structured_content["sources"]


def test_a_sandbox_until_ctrl_c() -> None:
    """It says where it is, on loopback alone, answers, and stops without a word."""
    with Terminal("gpo", "sandbox", "--port", "0", "--chunk-delay-s", "0") as terminal:
        shown = terminal.wait_for("Ctrl+C to stop")
        address = re.search(r"GPO_API_BASE_URL=(http://127\.0\.0\.1:\d+)", shown)
        assert address
        with SyncGPOCoreClient(base_url=address[1]) as client:
            answer = client.open_conversation({"instance_id": "i", "user_id": "u"}).stream("What is RESICO?").collect()
        assert answer.sources
        terminal.send(CTRL_C)
        assert terminal.wait() == 0
    assert "Traceback" not in terminal.text


def test_the_sandbox_explains_itself(capsys: pytest.CaptureFixture[str], gpo: Gpo) -> None:
    """Its settings are its own; the help calls it by the name it was called under."""
    with pytest.raises(SystemExit) as stopped:
        gpo("sandbox", "--help")
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith("usage: gpo sandbox ")
    assert "--chunk-delay-s" in said


def test_the_sandbox_needs_its_extra() -> None:
    """One line names it."""
    program = "import sys; sys.modules['uvicorn'] = None; from gpo_client.cli import main; sys.exit(main(['sandbox']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        'gpo: the sandbox needs uvicorn, which is not installed: pip install "gpo-client[sandbox]"\n'
    )
