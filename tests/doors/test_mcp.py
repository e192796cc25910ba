"""The door for agents: the SDK's own client, in memory and over HTTP, with handshakes of both eras of the protocol."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from gpo_client import GPOCoreClient
from gpo_client.doors import mcp_app, mcp_server
from gpo_client.relay import LogUnavailable, MemoryRelayLog
from tests.doors.conftest import HTTP, INSTANCE, KEY, QUESTION, RESUMING, broken_answer, opened
from tests.support.events import (
    answer_events,
    chunk,
    conversation,
    final,
    json_answer,
    numbered,
    opening,
    problem_answer,
    session,
    source,
    stream_answer,
)
from tests.support.wire import ONE_TRY, Answer, End, WireServer

httpx2: Any = pytest.importorskip("httpx2")


@pytest.fixture(params=["legacy", "auto"])
def mode(request: pytest.FixtureRequest) -> str:
    """With the handshake of 2025, and as the protocol of 2026 begins."""
    return str(request.param)


@asynccontextmanager
async def agent(
    base_url: str, mode: str = "auto", serving: dict[str, Any] | None = None, **options: Any
) -> AsyncGenerator[Client]:
    """An agent of a server in this process."""
    async with GPOCoreClient(base_url=base_url, **options) as client:
        server = mcp_server(client, instance_id=INSTANCE, user_id="user-1", **(serving or {}))
        async with Client(server, mode=mode) as connected:
            yield connected


@asynccontextmanager
async def scripted_agent(
    *script: Answer, mode: str = "auto", **options: Any
) -> AsyncGenerator[tuple[Client, WireServer]]:
    """An agent in front of a script."""
    with WireServer(*script) as upstream:
        async with agent(upstream.base_url, mode, **{**ONE_TRY, **options}) as connected:
            yield connected, upstream


def text_of(result: Any) -> str:
    return "".join(each.text for each in result.content)


async def test_tools_say_what_they_take_and_give(sandbox: Any, mode: str) -> None:
    """Each with a schema for its arguments and its result."""
    async with agent(sandbox.base_url, mode) as client:
        tools: dict[str, Any] = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert tools.keys() == {"ask", "search", "fetch", "documents"}
    assert all(tool.output_schema and tool.description for tool in tools.values())
    assert tools["ask"].input_schema["required"] == ["question"]
    assert "ctx" not in tools["ask"].input_schema["properties"]
    assert tools["search"].annotations.read_only_hint


async def test_whole_and_cited(sandbox: Any, mode: str) -> None:
    """As text with a list below it, and structured; its markers are numbers of its sources."""
    async with agent(sandbox.base_url, mode) as client:
        result = await client.call_tool("ask", {"question": QUESTION})
    found = result.structured_content
    assert not result.is_error
    assert [each["number"] for each in found["sources"]] == list(range(1, len(found["sources"]) + 1))
    assert "[1]" in found["answer"]
    assert text_of(result).startswith(found["answer"])
    assert f"[1] {found['sources'][0]['title']}" in text_of(result)
    assert found["sources"][0]["url"] == f"gpo://documents/{found['sources'][0]['document_id']}"


async def test_streamed_as_progress(mode: str) -> None:
    """How many characters there are, and the text that came."""
    seen: list[tuple[float, str | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, message))

    script = [*opening(), stream_answer(*answer_events("Zero ", "one."))]
    async with scripted_agent(*script, mode=mode) as (client, _):
        await client.call_tool("ask", {"question": "?"}, progress_callback=note)
    assert seen[-1][0] == 9
    assert "".join(message or "" for _, message in seen) == "Zero one."


async def test_a_connection_is_a_conversation() -> None:
    """Its questions go on; a conversation that an agent names goes on too."""
    answers = [stream_answer(*answer_events("Zero.")) for _ in range(3)]
    async with scripted_agent(*opening(), *answers) as (client, upstream):
        named = [{}, {}, {"conversation": "conv_09"}]
        results = [await client.call_tool("ask", {"question": "?", **arguments}) for arguments in named]
        asked = [json.loads(request.body)["conversation_id"] for request in upstream.requests[2:]]
        assert asked == ["conv_01", "conv_01", "conv_09"]
        assert [each.structured_content["conversation"] for each in results] == asked


async def test_cancelled_at_the_service() -> None:
    """An agent that gives up closes the request to the GPO API."""
    first, *_ = answer_events("Zero ", "one.")
    async with scripted_agent(*opening(), stream_answer(first, end=End.STALL)) as (client, upstream):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.call_tool, "ask", {"question": "?"})
            await upstream.requested(3)
            tasks.cancel_scope.cancel()
        await upstream.closed()


async def test_resumed_unseen() -> None:
    """The connection to the service breaks in mid-answer."""
    async with scripted_agent(*opening(), *broken_answer(), **RESUMING) as (client, _):
        result = await client.call_tool("ask", {"question": "?"})
    assert result.structured_content["answer"] == "Zero one two."


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "do not call again"), (404, "without `conversation`"), (429, "Wait a minute"), (503, "cannot be reached")],
)
async def test_errors_say_what_to_do(status: int, words: str) -> None:
    """As errors of the tool, which a model reads; nothing of the service's own texts."""
    async with scripted_agent(*opening(), problem_answer(status)) as (client, _):
        result = await client.call_tool("ask", {"question": "?"})
    assert result.is_error
    assert words in text_of(result)
    assert "some_code" not in text_of(result)


async def test_a_conversation_that_is_gone_is_replaced() -> None:
    """The next question of the connection begins a new one."""
    again = json_answer(conversation(conversation_id="conv_02"))
    script = [*opening(), problem_answer(404), again, stream_answer(*answer_events("Zero."))]
    async with scripted_agent(*script) as (client, _):
        assert (await client.call_tool("ask", {"question": "?"})).is_error
        result = await client.call_tool("ask", {"question": "?"})
    assert result.structured_content["conversation"] == "conv_02"


async def test_search_and_fetch_as_connectors_expect(sandbox: Any) -> None:
    """JSON in one text: results with id, title and url; a document with its text."""
    async with agent(sandbox.base_url) as client:
        results = json.loads(text_of(await client.call_tool("search", {"query": QUESTION})))["results"]
        assert results[0].keys() == {"id", "title", "url"}
        assert len({each["id"] for each in results}) == len(results)
        document = json.loads(text_of(await client.call_tool("fetch", {"id": results[0]["id"]})))
        by_url = await client.call_tool("fetch", {"id": results[0]["url"]})
        missing = await client.call_tool("fetch", {"id": "missing"})
        nothing = [await client.call_tool("fetch", {"id": ""}), await client.call_tool("search", {"query": " "})]
    assert json.loads(text_of(by_url)) == document
    assert missing.is_error
    assert "There is no document missing" in text_of(missing)
    assert [result.is_error and "pattern" in text_of(result) for result in nothing] == [True, True]
    assert document.keys() == {"id", "title", "text", "url", "metadata"}
    assert (document["id"], len(document["text"]) > 100) == (results[0]["id"], True)


async def test_documents_are_resources(sandbox: Any, mode: str) -> None:
    """The list pages; each can be read by its URI, and one that is not there is said not to be."""
    async with agent(sandbox.base_url, mode) as client:
        page = (await client.call_tool("documents", {"page": 2, "page_size": 5})).structured_content
        assert (len(page["documents"]), page["total_count"] > 10) == (5, True)
        resources = (await client.list_resources()).resources
        assert len(resources) == page["total_count"]
        read: Any = await client.read_resource(resources[0].uri)
        assert len(read.contents[0].text) > 100
        with pytest.raises(MCPError, match="no document"):
            await client.read_resource("gpo://documents/missing")


async def test_over_http(sandbox: Any, mode: str) -> None:
    """With a key; nobody without, from a page of another site or under another name."""

    def make(client: GPOCoreClient) -> Any:
        return mcp_app(client, keys={KEY: "reports"}, instance_id=INSTANCE)

    with opened(sandbox.base_url, make) as door:
        url = f"{door.address}/mcp"
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {KEY}"}, timeout=30) as http,
            Client(streamable_http_client(url, http_client=http), mode=mode) as client,
        ):
            results = [await client.call_tool("ask", {"question": QUESTION}) for _ in range(2)]
        names = [result.structured_content["conversation"] for result in results]
        # Connections of the newer protocol hold no state on the server: there the agent names the conversation.
        assert (names[0] == names[1]) == (mode == "legacy")
        refused: Callable[..., int] = lambda **headers: HTTP.post(url, json={}, headers=headers).status_code  # noqa: E731
        key = {"Authorization": f"Bearer {KEY}"}
        assert refused() == 401
        assert refused(**key, Host="rebound.example.com") == 421
        assert refused(**key, Origin="https://elsewhere.example.com") == 403


async def test_sources_without_documents() -> None:
    """On the web, and nowhere."""
    sources = [source("a", title="VAT Act", url="https://example.com/vat"), source("b", title=None)]
    script = [*opening(), stream_answer(*numbered([chunk("Zero [1][2]."), final(sources=sources)]))]
    async with scripted_agent(*script) as (client, _):
        found = (await client.call_tool("ask", {"question": "?"})).structured_content["sources"]
    assert [(each["title"], each["url"]) for each in found] == [("VAT Act", "https://example.com/vat"), ("b", "")]


async def test_what_is_not_asked_is_counted_too() -> None:
    """Reading resources is a call; whoever makes too many is told how long to wait."""
    script = [json_answer(session()), problem_answer(404)]
    async with scripted_agent(*script, serving={"calls_per_minute": 1}) as (client, _):
        with pytest.raises(MCPError, match="no document"):
            await client.read_resource("gpo://documents/missing")
        refused = await client.call_tool("documents", {})
    assert refused.is_error
    assert "Wait" in text_of(refused)


async def test_a_log_that_is_away() -> None:
    """Is nothing that an agent can see into: it may call again."""

    class Log(MemoryRelayLog):
        async def noted(self, key: str) -> str | None:
            raise LogUnavailable

    async with scripted_agent(json_answer(session()), serving={"log": Log()}) as (client, _):
        result = await client.call_tool("ask", {"question": "?"})
    assert result.is_error
    assert "busy" in text_of(result)
    assert "LogUnavailable" not in text_of(result)


def test_a_check_of_keys_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    """Lets nobody in, and does not say that the key is wrong."""

    def check(_: str) -> str:
        raise RuntimeError("the secret of the house")

    with opened("http://127.0.0.1:1", lambda client: mcp_app(client, keys=check, instance_id=INSTANCE)) as door:
        response = HTTP.post(f"{door.address}/mcp", json={}, headers={"Authorization": f"Bearer {KEY}"})
    assert (response.status_code, response.json()["error"]) == (503, "temporarily_unavailable")
    assert "secret" not in response.text
    assert [record.name for record in caplog.records] == ["gpo_client.doors"]
