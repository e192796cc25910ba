"""The buffer between a reader and its consumers, for any order of putting, taking and leaving."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gpo_client import StreamingChunk
from gpo_client.models.stream import CitationSource
from gpo_client.text.read_ahead import ReadAhead, StreamStats, chunk_bytes

_PUT = st.tuples(st.just("put"), st.lists(st.text(max_size=3), min_size=1, max_size=5))
_TAKE = st.tuples(st.just("take"), st.integers(0, 2), st.none() | st.integers(1, 4))
_LEAVE = st.tuples(st.just("leave"), st.integers(0, 2))
# Whoever has left takes no part any more: leaving has to be rare.
_STEPS = st.lists(st.sampled_from([_PUT] * 6 + [_TAKE] * 12 + [_LEAVE]).flatmap(lambda step: step), max_size=40)


def is_full(
    queues: Iterable[Iterable[StreamingChunk]], added: Sequence[StreamingChunk], max_chunks: int, max_bytes: int
) -> bool:
    """Whether a buffer of these queues has no room, once some chunks are added."""
    wholes = [[*queue, *added] for queue in queues]
    return any(len(whole) >= max_chunks or sum(map(chunk_bytes, whole)) >= max_bytes for whole in wholes)


@given(
    steps=_STEPS,
    max_chunks=st.integers(1, 6),
    max_bytes=st.integers(1, 20),
    low=st.floats(0.01, 1),
    consumers=st.integers(1, 3),
)
@example(
    steps=[("put", ["aaaaa", "bbbbb", ""])], max_chunks=3, max_bytes=10, low=1.0, consumers=1
)  # full, then nothing
def test_marks(steps: list[tuple[object, ...]], max_chunks: int, max_bytes: int, low: float, consumers: int) -> None:
    """Every consumer gets every chunk in order; reading stops at the mark, goes on below the other, and is counted."""
    ahead = ReadAhead(max_chunks, max_bytes, low, consumers=consumers)
    expected: dict[int, deque[StreamingChunk]] = {number: deque() for number in range(consumers)}
    is_paused, pauses, waited, since, peak = False, 0, 0, 0, 0
    for now, step in enumerate(steps):
        match step:
            case "put", list(texts):
                chunks = [StreamingChunk(content=text) for text in texts]
                count = ahead.put(chunks, now)
                added = chunks[:count]
                assert count == len(chunks) or is_full(expected.values(), added, max_chunks, max_bytes)
                assert count <= 1 or not is_full(expected.values(), added[:-1], max_chunks, max_bytes)
                for queue in expected.values():
                    queue.extend(added)
            case "take", int(consumer), most:
                queue = expected.get(consumer, deque())
                count = len(queue) if most is None else min(int(str(most)), len(queue))
                assert ahead.take(consumer, most if most is None else count, now) == [
                    queue.popleft() for _ in range(count)
                ]
            case "leave", int(consumer):
                ahead.leave(consumer, now)
                expected.pop(consumer, None)
        longest = max(map(len, expected.values()), default=0)
        largest = max((sum(map(chunk_bytes, queue)) for queue in expected.values()), default=0)
        load = max(longest / max_chunks, largest / max_bytes)
        if not is_paused and load >= 1:
            is_paused, pauses, since = True, pauses + 1, now
        elif is_paused and load < low:
            is_paused, waited = False, waited + now - since
        peak = max(peak, longest)
        assert ahead.is_paused is is_paused
        assert ahead.stats == StreamStats(buffered=longest, peak=peak, pauses=pauses, waited=waited)
        assert [ahead.has_left(number) for number in range(3)] == [number not in expected for number in range(3)]
        assert (ahead.is_left, ahead.is_shared) == (not expected, len(expected) > 1)


def test_bytes() -> None:
    """Text and excerpts count as they are sent, whatever else is in a chunk."""
    source = CitationSource(id="s", title="title", relevance_score=None, url="url", content_excerpt="é")
    without = CitationSource(id="s", title="title", relevance_score=None, url="url", content_excerpt=None)
    assert chunk_bytes(StreamingChunk(content="aé€\ud800", sources=[source, without])) == 1 + 2 + 3 + 1 + 2
    assert chunk_bytes(StreamingChunk(metadata={"a": "b"})) == 0


@pytest.mark.slow
@pytest.mark.parametrize("most", [1, None])
def test_a_million_chunks(most: int | None) -> None:
    """A consumer that is slower than its reader holds up the reader, not the memory."""
    ahead = ReadAhead(max_chunks=64, max_bytes=1_000_000, low=0.8)
    chunk, taken = StreamingChunk(content="word "), 0
    for _ in range(1_000_000 // 10):
        while ahead.is_paused:
            taken += len(ahead.take(0, most, now=0.0))
        waiting = 10 - ahead.put([chunk] * 10, now=0.0)
        while waiting:
            taken += len(ahead.take(0, most, now=0.0))
            waiting -= 0 if ahead.is_paused else ahead.put([chunk] * waiting, now=0.0)
    assert taken + ahead.stats.buffered == 1_000_000
    assert ahead.stats.peak == 64
    assert ahead.stats.pauses > 10_000


@pytest.mark.parametrize(("low", "left"), [(1.0, 3), (0.75, 2), (0.5, 1), (0.1, 0)])
def test_reading_goes_on_below_the_mark(low: float, left: int) -> None:
    """Four are the limit; with so many left of them, and not with one more, reading goes on."""
    ahead = ReadAhead(max_chunks=4, max_bytes=1000, low=low)
    ahead.put([StreamingChunk(content="word")] * 4, now=0.0)
    while ahead.is_paused:
        ahead.take(0, 1, now=1.0)
    assert ahead.stats == StreamStats(buffered=left, peak=4, pauses=1, waited=1.0)
