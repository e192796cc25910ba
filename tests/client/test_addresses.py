"""Addresses at which there is no service."""

from __future__ import annotations

import socket

import pytest

from gpo_client import GPOConnectionError
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.support.events import answer_events, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import WireServer

_REMEDY = ("GPO_API_BASE_URL", "base_url=")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


async def test_nobody_listens(connect_once: Connect) -> None:
    """The error says where nobody listens and what to do, whole and streamed."""
    address = f"http://127.0.0.1:{_free_port()}"
    async with connect_once(base_url=address) as client:
        with pytest.raises(GPOConnectionError) as caught:
            await client.chat(CONTEXT, QUESTION)
        streamed = (await outcome_of(client.chat_stream(CONTEXT, QUESTION))).error
    for error in (caught.value, streamed):
        assert type(error) is GPOConnectionError
        for words in (address, "connection refused", "is the server running", "gpo sandbox", *_REMEDY):
            assert words in str(error)
        assert error.__cause__ is not None
        assert not isinstance(error, TimeoutError)


@pytest.mark.parametrize(
    "host",
    ["nobody.invalid", "gpo..example.invalid", f"{'a' * 64}.invalid", "☃.invalid", "xn--a.invalid", "-.invalid"],
    ids=["unknown", "empty label", "long label", "no letter", "broken punycode", "dash"],
)
async def test_name_that_does_not_resolve(host: str, connect_once: Connect) -> None:
    """A name nobody has is a connection error of ours."""
    async with connect_once(base_url=f"http://{host}:8760", timeout=20, allow_insecure_http=True) as client:
        with pytest.raises(GPOConnectionError) as caught:
            await client.chat(CONTEXT, QUESTION)
    assert type(caught.value) is GPOConnectionError
    for words in (host, "is its address right", *_REMEDY):
        assert words in str(caught.value)
    assert "is the server running" not in str(caught.value)
    assert caught.value.__cause__ is not None


async def test_base_url_with_a_path(connect_once: Connect, serve: Serve) -> None:
    """An API below a path keeps its path, with or without a slash at the end."""
    server = serve(*[stream_answer(*answer_events("a"))] * 2)
    for slash in ("", "/"):
        async with connect_once(base_url=f"{server.base_url}/gateway/gpo{slash}") as client:
            await client.chat_stream(CONTEXT, QUESTION).collect()
    assert [request.target for request in server.requests] == ["/gateway/gpo/api/Chat"] * 2


async def test_bearer_is_never_sent_on(connect_once: Connect, serve: Serve) -> None:
    """A redirect is not followed: nothing at all goes to where it points."""
    from gpo_client import InvalidResponseError
    from tests.support.wire import Answer

    elsewhere: WireServer = serve()
    location = {"Location": f"{elsewhere.base_url}/api/Chat"}
    server = serve(*(Answer(status=status, headers=location) for status in (301, 302, 303, 307, 308, 308)))
    async with connect_once(base_url=server.base_url) as client:
        for _ in range(5):
            with pytest.raises(InvalidResponseError, match="redirects"):
                await client.chat(CONTEXT, QUESTION)
        assert type((await outcome_of(client.chat_stream(CONTEXT, QUESTION))).error) is InvalidResponseError
    assert elsewhere.connections == []


@pytest.mark.parametrize("transport", ["own", "httpx"])
async def test_cookies_are_not_kept(transport: str, connect_once: Connect, serve: Serve) -> None:
    """One client serves many users: what a server sets for one is not sent for the next, on whichever transport."""
    from tests.support.events import chat_response, json_answer

    headers = {"Content-Type": "application/json", "Set-Cookie": "user=1; Path=/"}
    server = serve(*[json_answer(chat_response(), headers=headers)] * 2)
    async with connect_once(base_url=server.base_url, transport=transport) as client:
        for _ in range(2):
            await client.chat(CONTEXT, QUESTION)
    assert "cookie" not in server.requests[1].headers
