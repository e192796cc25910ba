"""The record of a stream: how far it has come and when, what it has brought, and what a new connection is held to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gpo_client import CitationSource, InvalidArgumentError, StreamedResponse, StreamingChunk
from gpo_client.models.portable import Origin
from gpo_client.sse.event_kinds import EventNames
from gpo_client.sse.replay import Past
from gpo_client.text.record import ChunkAggregator, StreamProgress, StreamRecord


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        """The time it was set to."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock on which it is 5."""
    clock = Clock()
    clock.now = 5.0
    return clock


def test_before_anything_has_arrived(clock: Clock) -> None:
    """Nothing is known but where it comes from."""
    record = StreamRecord(clock, address="https://example.com")
    assert (record.clock, record.address, record.started, record.resume_count) == (clock, "https://example.com", 5.0, 0)
    assert (record.request_id, record.origin, record.last_event_id, record.is_complete) == (None, None, None, False)
    assert (record.chunk_count, record.is_empty, record.past) == (0, True, Past(text=""))
    assert isinstance(record.names, EventNames)
    assert StreamRecord(clock).address == ""
    assert record.partial == StreamedResponse()
    clock.now = 7.0
    assert record.progress == StreamProgress(characters=0, chunks=0, elapsed=2.0, is_complete=False)


def test_times_count_from_the_request_on(clock: Clock) -> None:
    """To the first chunks and to the last; progress goes on by the clock until the answer is whole."""
    record = StreamRecord(clock)
    clock.now = 10.0
    record.restart_clock()
    for now, text in ((11.0, "a"), (12.0, "bc")):
        clock.now = now
        record.add([StreamingChunk(), *(StreamingChunk(content=each) for each in text)])
    clock.now = 14.0
    assert record.partial.content == "abc"
    assert record.progress == StreamProgress(characters=3, chunks=5, elapsed=4.0, is_complete=False)
    assert (record.partial.time_to_first_chunk, record.partial.duration) == (1.0, 2.0)
    record.is_complete = True
    assert record.progress == StreamProgress(characters=3, chunks=5, elapsed=2.0, is_complete=True)
    assert record.progress.rate == 1.5
    assert StreamProgress(characters=3, chunks=1, elapsed=0.5, is_complete=True).rate == 6
    assert StreamProgress(characters=3, chunks=1, elapsed=0.0, is_complete=True).rate == 0
    nothing = StreamRecord(clock)
    nothing.is_complete = True
    clock.now = 15.0
    assert nothing.progress == StreamProgress(characters=0, chunks=0, elapsed=1.0, is_complete=True)


def test_what_the_stream_alone_knows(clock: Clock) -> None:
    """Its ids, its resumes and the head of its response, on whatever answer was put together of it."""
    record = StreamRecord(clock)
    record.request_id, record.resume_count, record.is_complete = "r", 2, True
    record.origin = Origin("r", {"x-a": "1"})
    whole = record.complete(StreamedResponse(content="a"))
    assert whole == StreamedResponse(content="a", is_complete=True, resume_count=2, request_id="r")
    assert whole.response_headers == {"x-a": "1"}
    record.sequence.accept(b"m:1")
    assert record.last_event_id == "m:1"


_SOURCE = CitationSource(id="s", title="t")


@pytest.mark.parametrize(
    "chunk", [StreamingChunk(content="a"), StreamingChunk(sources=[_SOURCE]), StreamingChunk(metadata={"a": 1})]
)
def test_anything_of_an_answer(clock: Clock, chunk: StreamingChunk) -> None:
    """Text, sources or metadata; chunks without any of them are nothing."""
    record = StreamRecord(clock)
    record.add([StreamingChunk(), StreamingChunk(is_complete=True)])
    assert record.is_empty
    record.add([chunk])
    assert not record.is_empty


def test_what_a_new_connection_is_held_to(clock: Clock) -> None:
    """All that has arrived; the text only if it is known in full."""
    record = StreamRecord(clock)
    record.add([StreamingChunk()])
    assert record.past == Past(text="", chunk_count=1, sources=[])
    record.add([StreamingChunk(content="a", sources=[_SOURCE], metadata={"m": 1})])
    assert record.past == Past(text="a", chunk_count=2, metadata={"m": 1}, sources=[_SOURCE])
    record.add([StreamingChunk(content="b" * 999_999)])
    assert record.past.text == record.partial.content == "a" + "b" * 999_999
    record.add([StreamingChunk(content="c")])
    assert record.past == Past(text=None, chunk_count=4, metadata={"m": 1}, sources=[_SOURCE])
    assert record.partial.content == "a" + "b" * 999_999


_LISTED = [CitationSource(id=str(number), title="t") for number in range(1001)]


@pytest.mark.parametrize("made", [ChunkAggregator, lambda: StreamRecord(lambda: 0.0).aggregator()])
def test_bounds_unless_told_otherwise(made: Callable[[], ChunkAggregator]) -> None:
    """A thousand sources, a thousand members of metadata, 16 MiB of both; all of the text."""
    for chunks, is_too_much in (
        ([StreamingChunk(content="x" * 2_000_000)], False),
        ([StreamingChunk(sources=_LISTED[:1000])], False),
        ([StreamingChunk(sources=_LISTED)], True),
        ([StreamingChunk(metadata={str(number): 1 for number in range(1000)})], False),
        ([StreamingChunk(metadata={str(number): 1 for number in range(1001)})], True),
        ([StreamingChunk(metadata={"a": "x" * ((16 << 20) - 25)})], False),
        ([StreamingChunk(metadata={"a": "x" * ((16 << 20) - 24)})], True),
    ):
        aggregator = made()
        aggregator.add_all(chunks)
        assert aggregator.truncated is aggregator.result().truncated is is_too_much


def test_bounds_of_a_stream(clock: Clock) -> None:
    """Hold for its record and for whatever else puts its chunks together."""
    record = StreamRecord(clock, max_sources=1, max_source_bytes=2000)
    record.add([StreamingChunk(sources=_LISTED[:2])])
    assert (record.partial.sources, record.partial.truncated) == (_LISTED[:1], True)
    for given, chunk in (
        ({}, StreamingChunk(sources=_LISTED[:2])),
        ({}, StreamingChunk(metadata={"a": "x" * 2000})),
        ({"max_chars": 1}, StreamingChunk(content="ab")),
    ):
        bounded: dict[str, Any] = given
        aggregator = record.aggregator(**bounded)
        aggregator.add(chunk)
        assert aggregator.truncated
    tail = record.aggregator(1, "tail")
    tail.add(StreamingChunk(content="ab"))
    assert (tail.content, tail.char_count, tail.chunk_count) == ("b", 2, 1)
    with pytest.raises(InvalidArgumentError, match="max_chars"):
        record.aggregator(-1)


def test_bounds_of_nothing_and_no_bounds() -> None:
    """0 keeps nothing; None is any number, of members of metadata too."""
    aggregator = ChunkAggregator(0, max_sources=0, max_source_bytes=0)
    aggregator.add(StreamingChunk(content="a", sources=_LISTED[:1], metadata={"a": 1}))
    assert aggregator.result() == StreamedResponse(chunk_count=1, truncated=True)
    aggregator = ChunkAggregator(max_sources=None, max_source_bytes=None)
    aggregator.add(StreamingChunk(sources=_LISTED, metadata={str(number): 1 for number in range(1001)}))
    result = aggregator.result()
    assert (len(result.sources), len(result.metadata), result.truncated) == (1001, 1001, False)
