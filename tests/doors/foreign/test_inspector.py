"""MCP Inspector's command line at the door for agents, over both transports."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.doors.conftest import KEY, QUESTION, agents, opened, scripted
from tests.doors.foreign.node import node, npm_packages
from tests.support.events import problem_answer
from tests.support.terminal import GPO

pytestmark = pytest.mark.slow


def inspect(home: Path, *arguments: str) -> Any:
    """What the inspector prints, which is JSON."""
    program = npm_packages() / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
    command = [
        node(),
        str(program),
        "--cli",
        "--connect-timeout",
        "80000",
        *arguments,
    ]  # a busy machine starts programs slowly
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "HOME": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    # Its code for a tool that failed is 5.
    assert done.returncode in (0, 5), done.stderr
    return json.loads(done.stdout)


def test_over_stdio(sandbox: Any, tmp_path: Path) -> None:
    """It starts the command: the tools are portable, and an answer comes structured."""
    server = [*GPO, "mcp", "-e", f"GPO_API_BASE_URL={sandbox.base_url}", "-e", "GPO_SESSION_USER_ID=user-1"]
    tools = inspect(tmp_path, *server, "--method", "tools/list", "--strict")["tools"]
    assert {tool["name"] for tool in tools} == {"ask", "search", "fetch", "documents"}
    asked = ["--method", "tools/call", "--tool-name", "ask", "--tool-arg", f"question={QUESTION}"]
    assert "[1]" in inspect(tmp_path, *server, *asked)["structuredContent"]["answer"]


def test_over_http(sandbox: Any, tmp_path: Path) -> None:
    """With a key: a document of the list of resources is read."""
    with opened(sandbox.base_url, agents) as door:
        server = [f"{door.address}/mcp", "--transport", "http", "--header", f"Authorization: Bearer {KEY}"]
        resources = inspect(tmp_path, *server, "--method", "resources/list")["resources"]
        read = inspect(tmp_path, *server, "--method", "resources/read", "--uri", resources[0]["uri"])
    assert len(read["contents"][0]["text"]) > 100


def test_errors(tmp_path: Path) -> None:
    with scripted(problem_answer(429), make=agents) as door:
        server = [f"{door.address}/mcp", "--transport", "http", "--header", f"Authorization: Bearer {KEY}"]
        asked = ["--method", "tools/call", "--tool-name", "ask", "--tool-arg", "question=?"]
        found = inspect(tmp_path, *server, *asked)
    assert found["isError"]
    assert "Wait a minute" in found["content"][0]["text"]
