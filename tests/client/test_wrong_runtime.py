"""Streams, pages and clients used as if they were of the other kind, and what they show of themselves."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Any

import pytest

from gpo_client import GPOCoreClient, StreamProtocolError, SyncGPOCoreClient, WrongRuntimeError
from gpo_client.models import Page
from tests.client.conftest import Connect, Serve
from tests.client.users import open_session
from tests.support.events import answer_events, sse, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import End

_ADDRESS = "https://gpo.example.com"
_WHO = {"instance_id": "advisory-001", "user_id": "user-1"}


def _stream(client: Any) -> Any:
    return client.chat_stream(CONTEXT, QUESTION)


@pytest.mark.parametrize(
    "iterated",
    [_stream, lambda c: _stream(c).text(), lambda c: _stream(c).progress(), lambda c: _stream(c).buffered()],
    ids=["stream", "text", "progress", "buffered"],
)
def test_plain_for(iterated: Any) -> None:
    """It names what to write; frameworks that ask with ``iter`` get a TypeError, and use ``aiter``."""
    stream = iterated(GPOCoreClient(base_url=_ADDRESS))
    with pytest.raises(WrongRuntimeError, match="is asynchronous: use 'async for', or SyncGPOCoreClient"):
        for _ in stream:
            pass
    with pytest.raises(TypeError, match="'async for'"):
        list(stream)
    assert aiter(stream) is stream


def test_plain_with() -> None:
    """On an asynchronous stream, or client."""
    client: Any = GPOCoreClient(base_url=_ADDRESS)
    with pytest.raises(WrongRuntimeError, match="ChatStream is asynchronous: use 'async with'"), _stream(client):
        pytest.fail("the block was entered")
    with pytest.raises(WrongRuntimeError, match="SyncGPOCoreClient"), client:
        pytest.fail("the block was entered")


@pytest.mark.parametrize("runtime", ["asyncio", "trio"])
async def test_async_for_and_with() -> None:
    """On a blocking stream."""
    with SyncGPOCoreClient(base_url=_ADDRESS) as client:
        for stream in (_stream(client), _stream(client).progress(), _stream(client).batched()):
            with pytest.raises(
                WrongRuntimeError, match="is blocking: use a plain 'for', or GPOCoreClient with 'async for'"
            ):
                async for _ in stream:
                    pass
        with pytest.raises(WrongRuntimeError, match="SyncChatStream is blocking: use a plain 'with'"):
            async with _stream(client):
                pytest.fail("the block was entered")
        with pytest.raises(WrongRuntimeError, match="'async with'"):
            async with client:  # type: ignore[attr-defined]
                pass
        # Frameworks send on what they are given, and take whatever has __aiter__ for asynchronous.
        assert not isinstance(_stream(client).text(), AsyncIterable)


async def test_pages(client: Any, runtime: str) -> None:
    """Pages too."""
    async with client:
        page = await client.list_documents(await open_session(client))
        page = getattr(page, "_blocking", page)
        if runtime == "sync":
            with pytest.raises(WrongRuntimeError, match="SyncPage is blocking: use a plain 'for'"):
                async for _ in page:
                    pass
        else:
            with pytest.raises(WrongRuntimeError, match="AsyncPage is asynchronous: use 'async for'"):
                for _ in page:
                    pass


def _shown(thing: Any) -> str:
    return repr(getattr(thing, "_blocking", thing)).replace("<Sync", "<")


async def test_what_streams_show(connect_once: Connect, serve: Serve) -> None:
    """Address, state and counts at every stage; nothing of the question, the answer or the token."""
    events = answer_events("Mexico ", "taxes ")
    server = serve(stream_answer(*events), stream_answer(events[0], end=End.STALL), stream_answer(events[0], sse("{")))
    of = f"<ChatStream of {server.base_url}:"
    async with connect_once(base_url=server.base_url) as client:
        stream = _stream(client)
        assert _shown(stream) == f"{of} not opened, 0 chunks, 0 resumes>"
        await stream.collect()
        assert _shown(stream) == f"{of} complete, 3 chunks, 0 resumes>"
        async with _stream(client) as stream:
            await anext(stream)
            assert _shown(stream) == f"{of} reading, 1 chunks, 0 resumes>"
            assert _shown(stream.text()) == f"<ChatStreamText of {_shown(stream)}>"
        assert _shown(stream) == f"{of} closed, 1 chunks, 0 resumes>"
        stream = _stream(client)
        derived = stream.buffered()
        assert _shown(stream) == f"{of} read through buffered(), 0 chunks, 0 resumes>"
        with pytest.raises(StreamProtocolError):
            await derived.collect()
        assert _shown(derived) == f"{of} failed (StreamProtocolError), 1 chunks, 0 resumes>"


async def test_what_clients_show(client: Any, sandbox: Any) -> None:
    """Clients, conversations, groups and pages: no token, no title, no item."""
    of = f"of <GPOCoreClient of {sandbox.base_url}: open>>"
    async with client:
        handle = await client.open_conversation(_WHO, title="What do I owe?")
        assert _shown(handle) == f"<ConversationHandle {handle.context.conversation_id!r} {of}"
        assert _shown(client.metrics) == f"<MetricGroup {of}"
        page = await client.list_documents(handle.context, page_size=5)
        name = "Page" if hasattr(client, "_blocking") else "AsyncPage"
        assert _shown(page) == f"<{name} 1: 5 of {page.total_count} items>"
    assert _shown(client) == f"<GPOCoreClient of {sandbox.base_url}: closed>"
    assert repr(Page(items=["secret"])) == "<Page ?: 1 items>"
