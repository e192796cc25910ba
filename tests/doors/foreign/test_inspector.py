"""MCP Inspector's command line at the door for agents, over both transports."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.doors.conftest import KEY, QUESTION, RESUMING, agents, broken_answer, opened, scripted
from tests.doors.foreign.node import node, npm_packages
from tests.doors.foreign.pictures import draw_terminal
from tests.support.events import answer_events, chunk, final, numbered, opening, problem_answer, source, stream_answer
from tests.support.terminal import GPO
from tests.support.wire import Answer, End, WireServer

pytestmark = pytest.mark.slow


ASK = ("--method", "tools/call", "--tool-name", "ask", "--tool-arg")


def inspector(home: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """The command that runs it, and its environment."""
    program = npm_packages() / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
    command = [
        node(),
        str(program),
        "--cli",
        "--connect-timeout",
        "80000",
        *arguments,
    ]  # a busy machine starts programs slowly
    return command, {**os.environ, "NO_PROXY": "127.0.0.1", "HOME": str(home)}


def printed(home: Path, *arguments: str) -> str:
    """What it prints."""
    command, environment = inspector(home, *arguments)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    # Its code for a tool that failed is 5.
    assert done.returncode in (0, 5), done.stderr
    return done.stdout


def inspect(home: Path, *arguments: str) -> Any:
    """The same, which is JSON."""
    return json.loads(printed(home, *arguments))


def test_whole_and_cited(sandbox: Any, tmp_path: Path) -> None:
    """It starts the command: the tools are portable, and an answer comes structured."""
    server = [*GPO, "mcp", "-e", f"GPO_API_BASE_URL={sandbox.base_url}", "-e", "GPO_SESSION_USER_ID=user-1"]
    tools = inspect(tmp_path, *server, "--method", "tools/list", "--strict")["tools"]
    assert {tool["name"] for tool in tools} == {"ask", "search", "fetch", "documents"}
    assert "[1]" in inspect(tmp_path, *server, *ASK, f"question={QUESTION}")["structuredContent"]["answer"]


def test_over_http(sandbox: Any, tmp_path: Path) -> None:
    """With a key: a document of the list of resources is read."""
    with opened(sandbox.base_url, agents) as door:
        server = [f"{door.address}/mcp", "--transport", "http", "--header", f"Authorization: Bearer {KEY}"]
        resources = inspect(tmp_path, *server, "--method", "resources/list")["resources"]
        read = inspect(tmp_path, *server, "--method", "resources/read", "--uri", resources[0]["uri"])
    assert len(read["contents"][0]["text"]) > 100


def over_http(home: Path, *script: Answer, **options: Any) -> Any:
    """What it prints of an answer."""
    with scripted(*script, make=agents, **options) as door:
        server = [f"{door.address}/mcp", "--transport", "http", "--header", f"Authorization: Bearer {KEY}"]
        return inspect(home, *server, *ASK, "question=?")


def test_an_answer_in_a_picture(tmp_path: Path) -> None:
    """As it prints it, and as docs/mcp.md shows it."""
    sources = [source("a", title="RESICO", document_id="doc_01", content_excerpt="1 to 2.5 per cent")]
    pieces = chunk("From 1 to 2.5 per cent "), chunk("of what is earned [1].")
    answer = stream_answer(*numbered([*pieces, final(sources=sources)]))
    question = "What does RESICO cost?"
    with scripted(answer, make=agents) as door:
        server = [f"{door.address}/mcp", "--transport", "http", "--header", f"Authorization: Bearer {KEY}"]
        shown = printed(tmp_path, *server, *ASK, f"question={question}")
    command = f'$ npx @modelcontextprotocol/inspector --cli gpo mcp {" ".join(ASK)} question="{question}"'
    draw_terminal("mcp-inspector.svg", "MCP Inspector calls the tool ask", f"{command}\n{shown}")


def test_resumed_unseen(tmp_path: Path) -> None:
    found = over_http(tmp_path, *broken_answer(), **RESUMING)
    assert found["structuredContent"]["answer"] == "Zero one two."


def test_cancelled(tmp_path: Path) -> None:
    """When it ends, so does the server that it has started, and with it the answer."""
    first, *_ = answer_events("Zero ", "one.")
    script = [*opening(), stream_answer(first, end=End.STALL)]
    with WireServer(*script) as upstream:
        server = [*GPO, "mcp", "-e", f"GPO_API_BASE_URL={upstream.base_url}", "-e", "GPO_SESSION_USER_ID=user-1"]
        command, environment = inspector(tmp_path, *server, *ASK, "question=?")
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            anyio.run(upstream.requested, 3)
            process.terminate()
            upstream.wait_closed()


def test_errors(tmp_path: Path) -> None:
    found = over_http(tmp_path, problem_answer(429))
    assert found["isError"]
    assert "Wait a minute" in found["content"][0]["text"]
