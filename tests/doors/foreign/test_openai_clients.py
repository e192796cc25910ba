"""Further clients in Python: fastmcp's, an agent of pydantic-ai on a scripted model, langchain-openai, llm."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.doors.conftest import KEY, QUESTION, Door, agents, openai, opened, scripted
from tests.support.events import answer_events, problem_answer, stream_answer
from tests.support.wire import End

pytestmark = pytest.mark.slow


async def test_fastmcp(sandbox: Any) -> None:
    """Its client lists the tools, asks with progress, and reads a resource."""
    fastmcp: Any = pytest.importorskip("fastmcp")
    seen: list[float] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        seen.append(progress)

    with opened(sandbox.base_url, agents) as door:
        async with fastmcp.Client(f"{door.address}/mcp", auth=KEY) as client:
            names = {tool.name for tool in await client.list_tools()}
            result = await client.call_tool("ask", {"question": QUESTION}, progress_handler=note)
            resources = await client.list_resources()
    assert names == {"ask", "search", "fetch", "documents"}
    assert result.structured_content["sources"]
    assert seen[-1] == len(result.structured_content["answer"])
    assert len(resources) > 10


async def test_an_agent(sandbox: Any) -> None:
    """An agent of pydantic-ai calls the tool that its (scripted) model chooses, and hands on what it says."""
    pytest.importorskip("pydantic_ai")
    from fastmcp import Client
    from pydantic_ai import Agent
    from pydantic_ai.mcp import MCPToolset
    from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart, ToolReturnPart
    from pydantic_ai.models.function import FunctionModel

    def think(messages: list[Any], _: Any) -> Any:
        returned = [part for part in messages[-1].parts if isinstance(part, ToolReturnPart)]
        if not returned:
            return ModelResponse(parts=[ToolCallPart("ask", {"question": QUESTION})])
        return ModelResponse(parts=[TextPart(f"It says: {returned[0].content}")])

    with opened(sandbox.base_url, agents) as door:
        tools = MCPToolset(Client(f"{door.address}/mcp", auth=KEY))
        async with Agent(FunctionModel(think), toolsets=[tools]) as agent:
            found = await agent.run("Which incentives are there?")
    assert "[1]" in found.output


def test_langchain_openai(openai_door: Door) -> None:
    """``ChatOpenAI`` whole and streamed."""
    library: Any = pytest.importorskip("langchain_openai")
    model = library.ChatOpenAI(base_url=f"{openai_door.address}/v1", api_key=KEY, model="gpo", max_retries=0)
    whole = model.invoke(QUESTION).text
    assert "".join(piece.text for piece in model.stream(QUESTION)) == whole
    assert "[1]" in whole


def test_langchain_openai_cancelled_and_failing() -> None:
    library: Any = pytest.importorskip("langchain_openai")
    first, *_ = answer_events("Zero ", "one.")
    with scripted(problem_answer(429), stream_answer(first, end=End.STALL), make=openai()) as door:
        headers = {"X-Chat-Id": "chat-1"}
        address = f"{door.address}/v1"
        model = library.ChatOpenAI(base_url=address, api_key=KEY, model="gpo", max_retries=0, default_headers=headers)
        with pytest.raises(Exception, match="429"):
            model.invoke("?")
        pieces = model.stream("?")
        next(pieces)
        pieces.close()
        assert door.upstream is not None
        door.upstream.wait_closed()


def test_llm(openai_door: Door, tmp_path: Path) -> None:
    """The command ``llm``, configured as its documents say."""
    pytest.importorskip("llm")
    model = f"- model_id: gpo\n  model_name: gpo\n  api_base: {openai_door.address}/v1\n  api_key_name: gpo\n"
    (tmp_path / "extra-openai-models.yaml").write_text(model)
    (tmp_path / "keys.json").write_text(f'{{"gpo": "{KEY}"}}')
    command = [sys.executable, "-m", "llm", "-m", "gpo", QUESTION]
    environment = {**os.environ, "LLM_USER_PATH": str(tmp_path), "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "[1]" in done.stdout
