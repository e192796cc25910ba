"""Streams used as they are not meant to be: our own errors, never a silent end."""

from __future__ import annotations

import pytest

from gpo_client import (
    GPOClientError,
    GPOCoreClient,
    StreamInterruptedError,
    StreamProtocolError,
    SyncGPOCoreClient,
    UsageError,
)
from tests.client.conftest import Serve
from tests.client.outcomes import Connect
from tests.client.scenarios import CONTEXT, QUESTION
from tests.support.events import answer_events, sse, stream_answer
from tests.support.wire import End

_EVENTS = answer_events("Mexico ", "taxes ")
_UNFINISHED = stream_answer(*_EVENTS[:2], end=End.STALL)
_ASYNC = pytest.mark.parametrize("world", ["asyncio", "trio"])


async def test_reading_on_after_closing(connect_once: Connect, serve: Serve) -> None:
    """A closed stream gives no more chunks, not even those that had arrived, and does not seem to be at its end."""
    server = serve(stream_answer(b"".join(_EVENTS[:2]), end=End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        async with client.chat_stream(CONTEXT, QUESTION) as stream:
            await anext(stream)
        for _ in range(2):
            with pytest.raises(UsageError, match="closed"):
                await anext(stream)
        with pytest.raises(UsageError, match="closed"):
            await stream.collect()
        with pytest.raises(UsageError, match="closed"):
            async with stream:
                pass
        assert stream.partial.chunk_count == 2


async def test_closing_twice(connect_once: Connect, serve: Serve) -> None:
    """Closing again does nothing, before, during and after the stream."""
    server = serve(_UNFINISHED)
    async with connect_once(base_url=server.base_url) as client:
        async with client.chat_stream(CONTEXT, QUESTION) as stream:
            await stream.aclose()
            await stream.aclose()
        await stream.close()


async def test_iterating_twice_goes_on(connect_once: Connect, serve: Serve) -> None:
    """A second loop goes on where the first one left; a third one after the end is told where the answer is."""
    server = serve(stream_answer(*_EVENTS))
    async with connect_once(base_url=server.base_url) as client:
        async with client.chat_stream(CONTEXT, QUESTION) as stream:
            async for chunk in stream:
                assert chunk.content == "Mexico "
                break
            assert [chunk.content async for chunk in stream] == ["taxes ", None]
            with pytest.raises(UsageError, match=r"used up.*stream\.partial"):
                _ = [chunk async for chunk in stream]
            assert await anext(stream, None) is None  # an iterator at its end stays there
        assert stream.partial.content == "Mexico taxes "
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("last", "error"),
    [(sse("{"), StreamProtocolError), (b"", StreamInterruptedError)],
    ids=["malformed event", "cut short"],
)
async def test_error_stays(last: bytes, error: type[GPOClientError], connect_once: Connect, serve: Serve) -> None:
    """Reading on after an error raises it again: a broken answer never turns into a whole one."""
    server = serve(stream_answer(_EVENTS[0], last or b": heartbeat\n\n"))
    async with connect_once(base_url=server.base_url) as client:
        async with client.chat_stream(CONTEXT, QUESTION) as stream:
            await anext(stream)
            with pytest.raises(error) as first:
                await anext(stream)
            for _ in range(2):
                with pytest.raises(error) as again:
                    await anext(stream)
                assert again.value is first.value
        with pytest.raises(error):
            await anext(stream)
        assert stream.partial.content == "Mexico "


async def test_error_at_the_opening_stays(connect_once: Connect, serve: Serve) -> None:
    """A stream that could not be opened cannot be read either."""
    server = serve(stream_answer(status=201))
    async with connect_once(base_url=server.base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        with pytest.raises(StreamProtocolError):
            async with stream:
                pytest.fail("the block was entered")
        with pytest.raises(StreamProtocolError):
            await anext(stream)


async def test_client_closed_before_the_stream_is_opened(connect_once: Connect, serve: Serve) -> None:
    """A stream needs its client open."""
    server = serve()
    client = connect_once(base_url=server.base_url)
    async with client:
        stream = client.chat_stream(CONTEXT, QUESTION)
    with pytest.raises(UsageError, match="client is closed"):
        async with stream:
            pass
    with pytest.raises(UsageError, match="client is closed"):
        client.chat_stream(CONTEXT, QUESTION)
    with pytest.raises(UsageError, match="client is closed"):
        await client.chat(CONTEXT, QUESTION)
    with pytest.raises(UsageError, match="client is closed"):
        _ = client.raw
    await client.aclose()


async def test_wrong_kind_of_with() -> None:
    """Each kind of ``with`` on the other kind of client names the client to use."""
    with pytest.raises(UsageError, match="SyncGPOCoreClient"), GPOCoreClient():  # type: ignore[attr-defined]
        pass
    with pytest.raises(UsageError, match="'async with'"):
        async with SyncGPOCoreClient():  # type: ignore[attr-defined]
            pass
