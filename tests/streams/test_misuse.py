"""Streams used as they are not meant to be, and put together as they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from gpo_client import InvalidArgumentError, UsageError
from gpo_client.streaming import highlight, lines
from tests.client.conftest import Connect, Serve
from tests.streams.kinds import every_kind, every_way, text_of
from tests.streams.readers import readers
from tests.support.events import answer_events, document, json_answer, page_of, problem_answer, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import End
from tests.support.wire_script import Answer, Received

_EVENTS = answer_events("Mexico ", "taxes ", "inc\nome")


async def _nothing() -> None:
    """No callback."""


async def _iterate(pieces: Any) -> None:
    async for _ in pieces:
        pass


async def _enter(stream: Any) -> None:
    async with stream:
        pytest.fail("the block was entered")


#: All ways to begin to read a stream, but for those that give another.
_READERS: dict[str, Callable[[Any], Any]] = {
    "loop": _iterate,
    "block": _enter,
    "collect": lambda stream: stream.collect(),
    "text": lambda stream: _iterate(stream.text()),
    "transform": lambda stream: _iterate(stream.transform(highlight(["tax"]))),
    "progress": lambda stream: _iterate(stream.progress()),
    "file": lambda stream: stream.to_file("never-written"),
}
#: Ways to come to the end of one.
_ENDINGS: dict[str, Callable[[Any], Any]] = {
    **{name: read for name, read in _READERS.items() if name not in ("block", "file")},
    "left at the final chunk": lambda stream: _leave(stream, lambda chunk: chunk.is_complete),
}


async def _leave(stream: Any, when: Callable[[Any], bool]) -> None:
    async for chunk in stream:
        if when(chunk):
            break


@pytest.mark.parametrize("read", _READERS.values(), ids=_READERS)
@pytest.mark.parametrize("end", _ENDINGS.values(), ids=_ENDINGS)
async def test_used_up(
    end: Callable[[Any], Any], read: Callable[[Any], Any], connect_once: Connect, serve: Serve
) -> None:
    """Whoever begins to read a stream that is used up is told where its answer is, before and after it is closed."""
    server = serve(stream_answer(*_EVENTS))
    async with connect_once(base_url=server.base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        await end(stream)
        for _ in range(2):
            with pytest.raises(UsageError, match=r"used up: its answer is in stream\.partial"):
                await read(stream)
            await stream.aclose()
        assert stream.partial.content == "Mexico taxes inc\nome"
    assert len(server.requests) == 1


@pytest.mark.parametrize("pieces", ["text", "progress", "transform"])
async def test_pieces_that_are_used_up(pieces: str, connect_once: Connect, serve: Serve) -> None:
    """A second loop over a stream's text goes on with the rest, and is told when there is none."""
    async with connect_once(base_url=serve(stream_answer(*_EVENTS)).base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        made = getattr(stream, pieces)(*([lines()] if pieces == "transform" else []))
        await _leave(made, lambda _: True)
        assert len([piece async for piece in made]) >= 1
        with pytest.raises(UsageError, match="used up"):
            await _iterate(made)


async def test_taken_one_by_one(connect_once: Connect, serve: Serve) -> None:
    """Who takes the first chunk, and finds it to be the only one, may loop over the rest."""
    async with connect_once(base_url=serve(then=lambda _: stream_answer(*answer_events())).base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        assert (await anext(stream)).is_complete
        assert [chunk async for chunk in stream] == []
        stream = client.chat_stream(CONTEXT, QUESTION)
        assert (await anext(stream)).is_complete
        assert (await stream.collect()).content == ""


@pytest.mark.parametrize(
    ("method", "arguments", "field"),
    [
        ("buffered", {"max_chunks": 0}, "max_chunks"),
        ("buffered", {"max_chunks": -1}, "max_chunks"),
        ("buffered", {"max_chunks": 1.5}, "max_chunks"),
        ("buffered", {"max_chunks": True}, "max_chunks"),
        ("buffered", {"max_bytes": 0}, "max_bytes"),
        ("buffered", {"max_bytes": None}, "max_bytes"),
        ("buffered", {"low": 0}, "low"),
        ("buffered", {"low": 1.01}, "low"),
        ("buffered", {"low": float("nan")}, "low"),
        ("buffered", {"low": "half"}, "low"),
        ("buffered", {"on_pause": "print"}, "on_pause"),
        ("buffered", {"on_resume": _nothing}, "on_resume"),
        ("batched", {"interval": -0.1}, "interval"),
        ("batched", {"interval": float("inf")}, "interval"),
        ("batched", {"interval": None}, "interval"),
        ("batched", {"max_chars": 0}, "max_chars"),
        ("batched", {"max_chars": 2.0}, "max_chars"),
        ("tee", {"n": 0}, "n"),
        ("tee", {"n": "2"}, "n"),
        ("tee", {"max_chunks": 0}, "max_chunks"),
        ("tee", {"low": -1}, "low"),
        ("tee", {"patience": 0}, "patience"),
        ("tee", {"patience": float("nan")}, "patience"),
        ("tee", {"patience": None}, "patience"),
        ("transform", {}, "transforms"),
    ],
)
async def test_arguments(
    method: str, arguments: dict[str, Any], field: str, connect_once: Connect, serve: Serve
) -> None:
    """What makes no sense is refused with its name, and the stream can be used as if nothing had happened."""
    async with connect_once(base_url=serve(stream_answer(*_EVENTS)).base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        with pytest.raises(InvalidArgumentError) as caught:
            getattr(stream, method)(**arguments)
        assert caught.value.field == field
        assert (await text_of(stream))[1] is None


@every_kind
async def test_two_readers_of_one_stream(kind: Callable[[Any], Any], connect_once: Connect, serve: Serve) -> None:
    """A stream that was handed on is read through what came of it; the mistake disturbs nobody."""
    async with connect_once(base_url=serve(stream_answer(*_EVENTS)).base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        derived, *_ = kind(stream)
        for misuse in (stream.buffered, stream.batched, stream.tee):
            with pytest.raises(UsageError, match=r"read through \w+\(\)"):
                misuse()
        for read in _READERS.values():
            with pytest.raises(UsageError, match=r"read through \w+\(\)"):
                await read(stream)
        with pytest.raises(UsageError, match=r"read through \w+\(\)"):
            async with stream:
                pytest.fail("the block was entered")
        with pytest.raises(UsageError, match=r"read through \w+\(\)"):
            await stream.collect()
        assert await text_of(derived) == ("Mexico taxes inc\nome", None)


@every_way
@pytest.mark.parametrize("read", [False, True], ids=["unread", "half-read"])
async def test_after_closing(read: bool, kind: Callable[[Any], Any], connect_once: Connect, serve: Serve) -> None:
    """A closed stream gives nothing more, not even what had arrived, and does not seem to be at its end."""
    async with connect_once(base_url=serve(stream_answer(b"".join(_EVENTS[:2]), end=End.STALL)).base_url) as client:
        stream, *_ = kind(client.chat_stream(CONTEXT, QUESTION))
        if read:
            await anext(stream)
        await stream.aclose()
        for misuse in (stream.buffered, stream.batched, stream.tee):
            with pytest.raises(UsageError, match="closed"):
                misuse()
        for _ in range(2):
            with pytest.raises(UsageError, match="closed"):
                await anext(stream)
            for way in _READERS.values():
                with pytest.raises(UsageError, match="closed"):
                    await way(stream)
        await stream.close()


@every_kind
async def test_handed_on_in_the_middle(kind: Callable[[Any], Any], connect_once: Connect, serve: Serve) -> None:
    """What came of a stream goes on where the stream was, chunks that had arrived included."""
    async with connect_once(base_url=serve(stream_answer(b"".join(_EVENTS[:2]), *_EVENTS[2:])).base_url) as client:
        async with client.chat_stream(CONTEXT, QUESTION) as stream:
            assert (await anext(stream)).content == "Mexico "
            derived, *_ = kind(stream)
            assert await text_of(derived) == ("taxes inc\nome", None)
        assert readers() == []
        with pytest.raises(UsageError, match="used up"):
            await derived.collect()
        assert derived.partial.content == stream.partial.content == "Mexico taxes inc\nome"


@every_kind
async def test_handed_on_at_the_end(kind: Callable[[Any], Any], connect_once: Connect, serve: Serve) -> None:
    """Nothing comes of a stream that has ended, and that is said."""
    async with connect_once(base_url=serve(then=lambda _: stream_answer(*_EVENTS)).base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        await stream.collect()
        with pytest.raises(UsageError, match="used up"):
            kind(stream)
        stream = client.chat_stream(CONTEXT, QUESTION)
        derived = kind(stream)[0]
        await derived.collect()
        for read in _READERS.values():
            with pytest.raises(UsageError, match=r"used up.*stream\.partial"):
                await read(derived)


async def test_chains(connect_once: Connect, serve: Serve) -> None:
    """What is made of streams is streams: text, transforms, whole answers and progress of them all."""
    async with connect_once(base_url=serve(then=lambda _: stream_answer(*_EVENTS)).base_url) as client:

        def ask() -> Any:
            return client.chat_stream(CONTEXT, QUESTION)

        pieces = ask().buffered().batched(0).transform(highlight(["taxes"]), lines())
        assert [line async for line in pieces] == ["Mexico **taxes** inc", "ome"]
        assert "".join([text async for text in ask().tee()[0].text()]) == "Mexico taxes inc\nome"
        assert (await ask().batched(0).collect(max_chars=3, keep="tail")).content == "ome"
        assert (await ask().buffered().collect(max_chars=3)).content == "Mex"
        last = [each async for each in ask().buffered(max_chunks=1).progress()][-1]
        assert (last.characters, last.chunks, last.is_complete) == (20, 4, True)
        inner = ask().buffered(max_chunks=1)
        outer = inner.buffered(max_chunks=100)
        await outer.collect()
        assert inner.stats.pauses > outer.stats.pauses == 0


async def test_progress(connect_once: Connect, serve: Serve) -> None:
    """It grows with the chunks, and stands still once the answer is whole."""
    async with connect_once(base_url=serve(stream_answer(*_EVENTS)).base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        assert (stream.progress_now.characters, stream.progress_now.is_complete) == (0, False)
        seen = [each async for each in stream.progress()]
        assert [each.characters for each in seen][-1] == len("Mexico taxes inc\nome")
        assert sorted(each.chunks for each in seen) == [each.chunks for each in seen]
        assert seen[-1].is_complete
        assert seen[-1].rate > 0
        assert stream.progress_now == stream.progress_now == seen[-1]


@every_way
async def test_two_loops_over_one_stream(kind: Callable[[Any], Any], connect_once: Connect, serve: Serve) -> None:
    """A second loop goes on where the first one left; a third one is told where the answer is."""
    server = serve(stream_answer(*_EVENTS))
    async with (
        connect_once(base_url=server.base_url) as client,
        kind(client.chat_stream(CONTEXT, QUESTION))[0] as stream,
    ):
        first = await anext(stream)
        assert first.content + (await text_of(stream))[0] == stream.partial.content == "Mexico taxes inc\nome"
        with pytest.raises(UsageError, match=r"used up.*stream\.partial"):
            await _iterate(stream)
        assert await anext(stream, None) is None  # an iterator at its end stays there
    assert len(server.requests) == 1


class _Ending:
    """A transform that lets an end of iteration out."""

    def __init__(self, end: Callable[..., Any]) -> None:
        self._end = end

    def feed(self, text: str) -> str:
        return self._end() if text else ""  # a check feeds it nothing

    def close(self) -> str:
        return ""


_ENDING: dict[str, Callable[[Any, Any], AsyncIterator[Any]]] = {
    "a buffer's": lambda client, end: client.chat_stream(CONTEXT, QUESTION).buffered(max_chunks=1, on_pause=end),
    "a transform's": lambda client, end: client.chat_stream(CONTEXT, QUESTION).transform(_Ending(end)),
    "a batch's": lambda client, end: client.batch(["q"], CONTEXT, request=end),
    "a stream's": lambda client, _: client.chat_stream(CONTEXT, QUESTION, idempotency_key="cut"),
}


@pytest.mark.parametrize("whose", _ENDING)
async def test_callbacks_that_end_iterations(whose: str, runtime: str, connect: Connect, serve: Serve) -> None:
    """``next`` of an iterator that has ended, in a callback: half an answer would pass for a whole one."""

    def end(*_: object) -> None:
        raise StopIteration if runtime == "sync" else StopAsyncIteration

    def answer(request: Received) -> Answer:
        is_cut = request.headers["idempotency-key"] == "cut"
        return stream_answer(
            *answer_events("a", "b", "c")[: 2 if is_cut else 4], end=End.RESET if is_cut else End.FINISH
        )

    server = serve(then=answer)
    async with connect(base_url=server.base_url, on_resume=end, retry_backoff_factor=0) as client:
        with pytest.raises(RuntimeError, match=r"(a callback|generator) raised Stop"):
            await _iterate(_ENDING[whose](client, end))


async def test_callbacks_that_end_lists(runtime: str, connect: Connect, serve: Serve) -> None:
    """The same between two pages."""

    def end(*_: object) -> None:
        raise StopIteration if runtime == "sync" else StopAsyncIteration

    server = serve(json_answer(page_of(document(), page_size=1, total_count=2)), problem_answer(503))
    async with connect(base_url=server.base_url, on_retry=end) as client:
        with pytest.raises(RuntimeError, match=r"(a callback|generator) raised Stop"):
            await _iterate(await client.list_documents(CONTEXT, page_size=1))
