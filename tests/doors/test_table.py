"""The table of doors and clients in the documents: each field that says that something works has a test."""

from __future__ import annotations

import re

import pytest

from tests.support.parts import ROOT

PAGE = ROOT / "docs" / "reference" / "doors.md"
COLUMNS = ("whole", "streamed", "cited", "cancelled", "resumed", "errors")
#: By client, the file with its tests, and what their names begin with.
TESTS = {
    "openai (Python, both clients)": ("foreign/test_openai_python.py", ""),
    "openai (npm)": ("foreign/test_npm_openai.py", ""),
    "@ai-sdk/openai-compatible (npm)": ("foreign/test_npm_openai.py", ""),
    "@ai-sdk/openai (npm)": ("foreign/test_npm_openai.py", ""),
    "langchain-openai": ("foreign/test_openai_clients.py", "langchain_"),
    "litellm": ("foreign/test_openai_clients.py", "program_"),
    "llm": ("foreign/test_openai_clients.py", "program_"),
    "Open WebUI in Chromium": ("foreign/test_open_webui.py", ""),
    "mcp (Python)": ("test_mcp.py", ""),
    "fastmcp": ("foreign/test_mcp_clients.py", "fastmcp_"),
    "an agent of pydantic-ai": ("foreign/test_mcp_clients.py", "agent_"),
    "MCP Inspector's command line": ("foreign/test_inspector.py", ""),
    "ai (npm)": ("foreign/test_ai_sdk.py", ""),
    "@ai-sdk/react in Chromium": ("foreign/test_react_chat.py", ""),
    "langchain-tests": ("foreign/test_langchain.py", ""),
}


def rows() -> list[tuple[str, str, list[str]]]:
    """Door, client and fields."""
    found: list[tuple[str, str, list[str]]] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 2 + len(COLUMNS) and cells[1] in TESTS:
            found.append((cells[0] or found[-1][0], cells[1], cells[2:]))
    return found


def test_all_clients_are_there() -> None:
    assert {client for _, client, _ in rows()} == TESTS.keys()
    assert "| |" not in PAGE.read_text(encoding="utf-8").replace("\n| |", "")  # no field is empty


@pytest.mark.parametrize(("door", "client", "fields"), rows())
def test_each_field_has_a_test(door: str, client: str, fields: list[str]) -> None:
    name, prefix = TESTS[client]
    if door == "OpenAI's responses":
        name = name.replace("openai_python", "openai_responses")
    text = (ROOT / "tests" / "doors" / name).read_text(encoding="utf-8")
    tests = re.findall(rf"def test_{prefix}(\w+)", text)
    untested = [what for what, field in zip(COLUMNS, fields, strict=True) if not any(what in each for each in tests)]
    assert untested == [what for what, field in zip(COLUMNS, fields, strict=True) if field == "–"]
