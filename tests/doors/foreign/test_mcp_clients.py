"""Agents of others at the door for agents: fastmcp's client, and an agent of pydantic-ai on a scripted model."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from tests.doors.conftest import KEY, QUESTION, RESUMING, Door, agents, broken_answer, opened, scripted
from tests.support.events import answer_events, problem_answer, stream_answer
from tests.support.wire import End

fastmcp: Any = pytest.importorskip("fastmcp")
pytestmark = pytest.mark.slow


def fastmcp_client(door: Door) -> Any:
    """fastmcp's client, with the key."""
    return fastmcp.Client(f"{door.address}/mcp", auth=KEY)


async def test_fastmcp_whole_streamed_and_cited(sandbox: Any) -> None:
    """Its client lists the tools, asks with progress, and reads a resource."""
    seen: list[float] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        seen.append(progress)

    with opened(sandbox.base_url, agents) as door:
        async with fastmcp_client(door) as client:
            names = {tool.name for tool in await client.list_tools()}
            result = await client.call_tool("ask", {"question": QUESTION}, progress_handler=note)
            resources = await client.list_resources()
    assert names == {"ask", "search", "fetch", "documents"}
    assert result.structured_content["sources"]
    assert seen[-1] == len(result.structured_content["answer"])
    assert len(resources) > 10


async def test_fastmcp_resumed_unseen() -> None:
    with scripted(*broken_answer(), make=agents, **RESUMING) as door:
        async with fastmcp_client(door) as client:
            result = await client.call_tool("ask", {"question": "?"})
    assert result.structured_content["answer"] == "Zero one two."


async def test_fastmcp_errors() -> None:
    with scripted(problem_answer(429), make=agents) as door:
        async with fastmcp_client(door) as client:
            result = await client.call_tool("ask", {"question": "?"}, raise_on_error=False)
    assert result.is_error
    assert "Wait a minute" in result.content[0].text


async def test_fastmcp_cancelled() -> None:
    """Giving up a call closes the request to the GPO API."""
    async with stalled() as (door, give_up), fastmcp_client(door) as client:
        await give_up(client.call_tool, "ask", {"question": "?"})


async def test_agent_whole_and_cited(sandbox: Any) -> None:
    """It calls the tool that its model chooses, and hands on what that says."""
    with opened(sandbox.base_url, agents) as door:
        async with agent(door) as thinking:
            found = await thinking.run("Which incentives are there?")
    assert "[1]" in found.output


async def test_agent_resumed_unseen() -> None:
    with scripted(*broken_answer(), make=agents, **RESUMING) as door:
        async with agent(door) as thinking:
            found = await thinking.run("?")
    assert "Zero one two." in found.output


async def test_agent_errors() -> None:
    """What it can do about them reaches its model."""
    with scripted(problem_answer(429), make=agents) as door:
        async with agent(door) as thinking:
            found = await thinking.run("?")
    assert "Wait a minute" in found.output


async def test_agent_cancelled() -> None:
    async with stalled() as (door, give_up), agent(door) as thinking:
        await give_up(thinking.run, "?")


def agent(door: Door) -> Any:
    """An agent whose model asks once, and then tells what it was told."""
    pytest.importorskip("pydantic_ai")
    from pydantic_ai import Agent
    from pydantic_ai.mcp import MCPToolset
    from pydantic_ai.messages import ModelResponse, RetryPromptPart, TextPart, ToolCallPart, ToolReturnPart
    from pydantic_ai.models.function import FunctionModel

    def think(messages: list[Any], _: Any) -> Any:
        told = [part for part in messages[-1].parts if isinstance(part, (ToolReturnPart, RetryPromptPart))]
        answer = TextPart(f"It says: {told[0].content}") if told else ToolCallPart("ask", {"question": QUESTION})
        return ModelResponse(parts=[answer])

    return Agent(FunctionModel(think), toolsets=[MCPToolset(fastmcp_client(door))])


@asynccontextmanager
async def stalled() -> AsyncGenerator[tuple[Door, Callable[..., Any]]]:
    """A door whose answer never ends, and what gives a call up in the middle of it."""
    first, *_ = answer_events("Zero ", "one.")
    with scripted(stream_answer(first, end=End.STALL), make=agents) as door:
        upstream = door.upstream

        async def give_up(call: Callable[..., Any], *arguments: Any) -> None:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(call, *arguments)
                await upstream.requested(3)
                tasks.cancel_scope.cancel()
            await upstream.closed()

        yield door, give_up
