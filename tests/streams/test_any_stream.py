"""For any stream, cut and ended in any way: what comes out is what went in, in all runtimes."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator, Sequence
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpo_client import ChatStream, StreamingChunk, StreamProtocolError, SyncChatStream
from gpo_client.streaming import Pipeline, highlight
from gpo_client.text.record import StreamRecord
from tests.streams.kinds import KINDS, text_of
from tests.support.runtimes import Facade

_DELIVERIES = st.lists(st.lists(st.text("tax ", max_size=3), max_size=4), max_size=12)
# The fixture that hypothesis warns of is the name of a runtime, which stays the same for all examples of a test.
_few = settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


class _Source:
    """Gives chunks as a connection would: nothing when it is open, then the deliveries, then an end or an error."""

    def __init__(self, deliveries: Iterator[Sequence[StreamingChunk]], error: Exception | None) -> None:
        self._deliveries = deliveries
        self._error = error
        self._is_open = False
        self.is_closed = False

    def advance(self) -> Sequence[StreamingChunk] | None:
        if not self._is_open:
            self._is_open = True
            return ()
        chunks = next(self._deliveries, None)
        if chunks is None and self._error is not None:
            raise self._error
        return chunks

    def close(self) -> None:
        self.is_closed = True


class _AsyncSource:
    def __init__(self, source: _Source) -> None:
        self._source = source

    async def advance(self) -> Sequence[StreamingChunk] | None:
        await anyio.lowlevel.checkpoint()
        return self._source.advance()

    async def aclose(self) -> None:
        self._source.close()


def _stream(runtime: str, source: _Source) -> Any:
    record = StreamRecord(time.monotonic)
    return Facade(SyncChatStream(source, record)) if runtime == "sync" else ChatStream(_AsyncSource(source), record)


def _run(runtime: str, function: Any) -> Any:
    return anyio.run(function, backend="trio" if runtime == "trio" else "asyncio")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@_few
@given(texts=_DELIVERIES, fails=st.booleans())
def test_nothing_is_lost(runtime: str, kind: Any, texts: list[list[str]], fails: bool) -> None:
    """The text is that of the deliveries, then comes the end, or the error if there was one."""
    error = StreamProtocolError("mine", partial=None) if fails else None  # type: ignore[arg-type]
    source = _Source(iter([[StreamingChunk(content=text) for text in each] for each in texts]), error)

    async def read() -> None:
        stream, *_ = kind(_stream(runtime, source))
        assert await text_of(stream) == ("".join(map("".join, texts)), error)

    _run(runtime, read)
    assert source.is_closed or not fails


@_few
@given(texts=_DELIVERIES)
def test_transformed(runtime: str, texts: list[list[str]]) -> None:
    """However the text is cut and joined again on the way, a transform gives what it makes of the whole."""
    whole = Pipeline(highlight(["tax"]))
    expected = "".join([*whole.feed("".join(map("".join, texts))), *whole.close()])

    async def read() -> None:
        source = _Source(iter([[StreamingChunk(content=text) for text in each] for each in texts]), None)
        pieces = _stream(runtime, source).buffered(max_chunks=2).batched(0).transform(highlight(["tax"]))
        assert "".join([piece async for piece in pieces]) == expected

    _run(runtime, read)


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [
        lambda stream: stream.buffered(),
        lambda stream: stream.batched(0.001),
        lambda stream: stream.transform(highlight(["word"])),
        lambda stream: stream.tee()[0],
    ],
    ids=["buffered", "batched", "transform", "tee"],
)
def test_ten_thousand_chunks_within_a_bound(runtime: str, kind: Any) -> None:
    """What is held does not grow with the answer."""
    held: list[int] = []

    def deliveries() -> Iterator[Sequence[StreamingChunk]]:
        for number in range(100):
            held.append(tracemalloc.get_traced_memory()[0])
            yield [StreamingChunk(content=f"word{number} ") for _ in range(100)]

    async def read() -> None:
        pieces = kind(_stream(runtime, _Source(deliveries(), None)))
        tracemalloc.start()
        async for _ in pieces:
            await anyio.lowlevel.checkpoint()  # the reader's turn, which would take a hundred for each of ours

    try:
        _run(runtime, read)
    finally:
        tracemalloc.stop()
    # The first characters are the stream's own, for its errors; all chunks would take twice this much.
    assert len(held) == 100
    assert max(held) < 700_000
