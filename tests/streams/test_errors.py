"""Errors arrive after the chunks before them, and let go of the connection; citations as they come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from gpo_client import APIStatusError, StreamError, StreamInterruptedError, StreamProtocolError, UsageError
from gpo_client.exceptions import GPOConnectionError, GPOTimeoutError
from gpo_client.streaming import lines, redact
from tests.client.conftest import Connect, Serve
from tests.streams.kinds import every_kind, every_way, marker, text_of
from tests.streams.readers import readers
from tests.support.events import answer_events, chunk, final, numbered, problem_answer, source, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import Answer, End

_EVENTS = answer_events("Mexico ", "taxes ", "income")


def _fail() -> None:
    raise ZeroDivisionError("mine")


_FAULTS: dict[str, tuple[Answer, type[StreamError]]] = {
    "cut": (stream_answer(*_EVENTS[:3], b": heartbeat\n\n", end=End.FIN), StreamInterruptedError),
    "malformed": (stream_answer(*_EVENTS[:3], b"data: {\n\n", end=End.STALL), StreamProtocolError),
}


@every_way
@pytest.mark.parametrize("fault", _FAULTS)
async def test_errors_come_last(fault: str, kind: Callable[[Any], Any], connect_once: Connect, serve: Serve) -> None:
    """What was received before is delivered first, and the error stays: no broken answer turns into a whole one."""
    answer, kind_of_error = _FAULTS[fault]
    server = serve(answer)
    async with connect_once(base_url=server.base_url) as client:
        stream, *_ = kind(client.chat_stream(CONTEXT, QUESTION))
        async with stream:
            text, error = await text_of(stream)
            assert text == "Mexico taxes income"
            assert isinstance(error, kind_of_error)
            assert error.partial.content == stream.partial.content == text
            assert readers() == []
            for _ in range(2):
                assert (await text_of(stream))[1] is error
        await server.closed(0)
        assert (await text_of(stream))[1] is error


@every_kind
@pytest.mark.usefixtures("short_goodbye")
async def test_whole_answers(kind: Callable[[Any], Any], connect_once: Connect, serve: Serve) -> None:
    """The text, the sources and the final flag are those of the stream; its reader is gone with the last chunk."""
    async with connect_once(base_url=serve(stream_answer(*_EVENTS, end=End.STALL)).base_url) as client:
        stream, *_ = kind(client.chat_stream(CONTEXT, QUESTION))
        answer = await stream.collect()
        assert readers() == []
    assert (answer.content, answer.is_complete, len(answer.sources)) == ("Mexico taxes income", True, 1)
    assert answer == (stream.partial if answer.chunk_count == 4 else answer)
    assert stream.progress_now.is_complete


@every_way
@pytest.mark.parametrize("status", [403, 201])
async def test_streams_that_do_not_open(
    status: int, kind: Callable[[Any], Any], connect_once: Connect, serve: Serve
) -> None:
    """Why is raised where the stream is entered, and stays: it cannot be read either."""
    server = serve(problem_answer(status) if status == 403 else stream_answer(status=status))
    error = APIStatusError if status == 403 else StreamProtocolError
    async with connect_once(base_url=server.base_url) as client:
        stream, *_ = kind(client.chat_stream(CONTEXT, QUESTION))
        with pytest.raises(error):
            async with stream:
                pytest.fail("the block was entered")
        assert readers() == []
        with pytest.raises(error):
            await anext(stream)


async def test_what_a_transform_holds_comes_before_the_error(connect_once: Connect, serve: Serve) -> None:
    """The end of a text is the end of a text, whatever ended it."""
    server = serve(stream_answer(*answer_events("Mexico ", "tax")[:2], end=End.RESET))
    async with connect_once(base_url=server.base_url) as client:
        pieces = client.chat_stream(CONTEXT, QUESTION).transform(marker())
        assert [await anext(pieces), await anext(pieces)] == ["Mexico ", "tax"]
        with pytest.raises(StreamInterruptedError) as caught:
            await anext(pieces)
        with pytest.raises(StreamInterruptedError) as again:
            await anext(pieces)
        assert again.value is caught.value


async def test_half_of_a_secret_is_not_shown(connect_once: Connect, serve: Serve) -> None:
    """Whatever comes after the transform that hides it; who must know it finds it in ``partial``."""
    events = answer_events("Pay with 4111 ", "1111 ", "1111 1111")
    server = serve(stream_answer(*events[:2], end=End.RESET), stream_answer(*events))
    async with connect_once(base_url=server.base_url) as client:
        card = r"\d{4}( \d{4}){3}"
        pieces = client.chat_stream(CONTEXT, QUESTION).transform(redact(card, "[card]", max_length=19), lines())
        assert await anext(pieces) == "P[card]"
        with pytest.raises(StreamInterruptedError) as caught:
            await anext(pieces)
        assert caught.value.partial.content == "Pay with 4111 1111 "
        whole = client.chat_stream(CONTEXT, QUESTION).transform(redact(card, "[card]", max_length=19), lines())
        assert [line async for line in whole] == ["Pay with [card]"]


@pytest.mark.parametrize("callback", ["on_pause", "on_resume"])
async def test_callbacks_that_raise(callback: str, connect_once: Connect, serve: Serve) -> None:
    """Their error is raised where the chunks are taken, after those that were read; the connection is released."""
    gate = threading.Event()
    server = serve(stream_answer(b"".join(_EVENTS[:2]), gate, end=End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        options: dict[str, Any] = {callback: _fail}
        stream = client.chat_stream(CONTEXT, QUESTION).buffered(max_chunks=2, **options)
        text, error = await text_of(stream)
        gate.set()
        assert text == "Mexico taxes "
        assert isinstance(error, ZeroDivisionError)
        assert stream.partial.content == text
        assert readers() == []
        await server.closed(0)


@pytest.mark.usefixtures("short_goodbye")
@pytest.mark.parametrize("method", ["feed", "close"])
async def test_transforms_that_raise(method: str, connect_once: Connect, serve: Serve) -> None:
    """Their error is raised as it is, with a note; the connection is released and what arrived is kept."""

    class Bad:
        def feed(self, text: str, /) -> str:
            if text and method == "feed":
                _fail()
            return text

        def close(self) -> str:
            _fail()
            return ""

    server = serve(stream_answer(*_EVENTS, end=End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        with pytest.raises(ZeroDivisionError, match="mine") as caught:
            _ = [piece async for piece in stream.transform(Bad())]
        await server.closed(0)
    assert caught.value.__notes__ == ["raised by transform 1 (Bad) of a pipeline"]
    assert stream.partial.content.startswith("Mexico ")


@every_way
async def test_a_client_closed_under_a_reader(kind: Callable[[Any], Any], connect_once: Connect, serve: Serve) -> None:
    """What had been read is delivered, and the rest is missed with an error."""
    server = serve(stream_answer(*_EVENTS[:1], end=End.STALL))
    client = connect_once(base_url=server.base_url)
    stream, *_ = kind(client.chat_stream(CONTEXT, QUESTION))
    await stream.__aenter__()
    await client.aclose()
    error = (await text_of(stream))[1]
    assert isinstance(error, (GPOConnectionError, UsageError))
    assert not isinstance(error, GPOTimeoutError)  # not because the server kept silent for long enough
    await stream.aclose()
    assert readers() == []


# --- Sources of streamed answers: each number leads to its own passage, and there is an end to what is kept.


def _passage(number: int) -> dict[str, Any]:
    """A passage of the one document that there is."""
    metadata = {"page": number}
    return source("law", title="VAT Act", content_excerpt=f"Passage {number}.", metadata=metadata)


def _answer(*lists: list[dict[str, Any]], **more: Any) -> Any:
    texts = [chunk(f"See [{number}]. ") for number in range(1, 4)]
    listed = [chunk(None, sources=sources) for sources in lists]
    return stream_answer(*numbered([*texts, *listed, final(sources=None, **more)]))


@pytest.mark.parametrize("setting", [{"max_sources": 2}, {"max_source_bytes": 2100}], ids=["count", "bytes"])
async def test_more_sources_than_are_kept(setting: dict[str, int], connect_once: Connect, serve: Serve) -> None:
    """The first two are kept, and it is said that there were more."""
    server = serve(_answer([_passage(number) for number in range(500)]))
    async with connect_once(base_url=server.base_url, **setting) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        answer = await stream.collect()
    for found in (answer, stream.partial):
        assert found.truncated
        assert [each.source.content_excerpt for each in found.citations()] == ["Passage 0.", "Passage 1."]


async def test_more_metadata_than_is_kept(connect_once: Connect, serve: Serve) -> None:
    """What fits is kept."""
    server = serve(_answer(metadata={"model_used": "m", "log": "x" * 5000}))
    async with connect_once(base_url=server.base_url, max_source_bytes=2000) as client:
        answer = await client.chat_stream(CONTEXT, QUESTION).collect()
    assert (answer.truncated, answer.metadata) == (True, {"model_used": "m"})
