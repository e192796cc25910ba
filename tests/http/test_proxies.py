"""Through a proxy on loopback: the lanes are pools of httpcore's own there."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from gpo_client import GPOConnectionError
from tests.client.conftest import Connect, Serve
from tests.support.events import answer_events, chat_response, json_answer, stream_answer
from tests.support.proxy import ForwardProxy
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import Answer, End, Received

_ASYNC = pytest.mark.parametrize("runtime", ["asyncio", "trio"])


def _answer(request: Received) -> Answer:
    if request.json["stream"]:
        return stream_answer(*answer_events("Mexico ", "taxes "))
    return json_answer(chat_response())


async def test_requests_through_a_proxy(connect_once: Connect, serve: Serve, proxy: ForwardProxy) -> None:
    """Streams and calls; the proxy is told the whole address."""
    server = serve(then=_answer)
    async with connect_once(base_url=server.base_url, proxy=proxy.url) as client:
        for _ in range(3):
            assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == "Mexico taxes "
            assert (await client.chat(CONTEXT, QUESTION)).message_content == "1 to 2.5 per cent."
    assert len(server.requests) == 6
    assert {request.target for request in proxy.requests} == {f"{server.base_url}/api/Chat"}


async def test_connection_to_the_proxy_is_reused(connect_once: Connect, serve: Serve, proxy: ForwardProxy) -> None:
    """Calls that follow each other take the same one."""
    server = serve(then=_answer)
    async with connect_once(base_url=server.base_url, proxy=proxy.url) as client:
        for _ in range(3):
            await client.chat(CONTEXT, QUESTION)
    assert len(proxy.requests) == 1
    assert [request.connection for request in server.requests] == [0, 0, 0]


async def test_name_and_password_of_the_proxy(connect_once: Connect, serve: Serve, proxy: ForwardProxy) -> None:
    """They go to the proxy as it expects them (RFC 7617), and are no part of the address."""
    server = serve(then=_answer)
    url = proxy.url.replace("://", "://user:pa%24s@")
    async with connect_once(base_url=server.base_url, proxy=url) as client:
        await client.chat(CONTEXT, QUESTION)
    assert proxy.requests[0].headers["proxy-authorization"] == "Basic dXNlcjpwYSRz"


async def test_proxy_that_does_not_listen(connect_once: Connect, serve: Serve) -> None:
    """A failure to connect, typed."""
    server = serve()
    async with connect_once(base_url=server.base_url, proxy="http://127.0.0.1:9") as client:
        with pytest.raises(GPOConnectionError) as caught:
            await client.chat(CONTEXT, QUESTION)
    told = str(caught.value)
    assert "no connection through the proxy (the proxy at 127.0.0.1:9 (an argument) cannot be reached" in told
    assert "is that where it is (proxy (GPO_API_PROXY)" in told
    assert "sandbox" not in told
    assert server.requests == []


async def test_stream_left_behind_a_proxy(connect_once: Connect, serve: Serve, proxy: ForwardProxy) -> None:
    """Its connection is closed through the proxy, and its place serves the next."""
    unfinished = stream_answer(*answer_events("Mexico ")[:1], end=End.STALL)
    server = serve(unfinished, unfinished, then=_answer)
    async with connect_once(base_url=server.base_url, proxy=proxy.url, max_connections=1) as client:
        for number in range(2):
            async with client.chat_stream(CONTEXT, QUESTION) as stream:
                assert (await anext(stream)).content == "Mexico "
            await server.closed(number)
        assert (await client.chat(CONTEXT, QUESTION)).message_content == "1 to 2.5 per cent."


@_ASYNC
async def test_many_streams_at_once(connect_once: Connect, serve: Serve, proxy: ForwardProxy) -> None:
    """More tasks than connections: each gets its answer."""
    server = serve(then=_answer)
    contents: list[str] = []

    async def ask(client: Any) -> None:
        contents.append((await client.chat_stream(CONTEXT, QUESTION).collect()).content)

    options = {"proxy": proxy.url, "max_connections": 3}
    async with connect_once(base_url=server.base_url, **options) as client, anyio.create_task_group() as tasks:
        for _ in range(12):
            tasks.start_soon(ask, client)
    assert contents == ["Mexico taxes "] * 12
