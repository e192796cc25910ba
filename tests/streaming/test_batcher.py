"""Batches for any chunks at any times."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gpo_client import ChunkAggregator, StreamingChunk
from gpo_client.models.stream import CitationSource
from gpo_client.text.read_ahead import Batcher

_SOURCES = st.lists(
    st.builds(
        lambda name, passage: CitationSource(
            id=name, title=name, relevance_score=0.5, url=None, content_excerpt=passage[0], metadata=passage[1]
        ),
        st.sampled_from("ab"),
        st.sampled_from([("a", None), ("a", {"page": 1}), ("b", {"page": 1}), ("c", None)]),
    )
    | st.just(CitationSource(id="c", title="c", relevance_score=0.5, url=None, content_excerpt=None)),
    min_size=1,
    max_size=3,
)
_METADATA = st.dictionaries(st.sampled_from("mn"), st.integers(), min_size=1)
_CHUNKS = st.builds(
    StreamingChunk,
    content=st.none() | st.text(max_size=4),
    sources=st.none() | _SOURCES,
    metadata=st.none() | _METADATA,
)
# Chunks, each some hundredths of a second after the one before.
_ARRIVALS = st.lists(st.tuples(st.integers(0, 12), _CHUNKS), max_size=30)


def _batches(
    arrivals: list[tuple[int, StreamingChunk]], interval: float, max_chars: int | None
) -> list[tuple[float, StreamingChunk]]:
    """What a user sees, and when, if everything is done on time; the last chunk is final."""
    batcher, now, batches = Batcher(interval, max_chars), 0.0, list[tuple[float, StreamingChunk]]()
    final = (1, StreamingChunk(is_complete=True))
    for after, chunk in [*arrivals, final]:
        until = round(now + after / 100, 9)
        while (wait := batcher.wait(now)) is not None and now + wait < until:
            now = round(now + wait, 9)
            batches.append((now, batcher.take(now)))
        now = until
        batcher.add([chunk], now)
        if batcher.wait(now) == 0:
            batches.append((now, batcher.take(now)))
    assert batcher.wait(now) is None, "something is held after the final chunk"
    return batches


def _whole(chunks: list[StreamingChunk]) -> Any:
    aggregator = ChunkAggregator()
    aggregator.add_all(chunks)
    result = aggregator.result()
    return result.content, result.sources, result.numbered_sources, result.metadata, result.is_complete


@given(arrivals=_ARRIVALS, interval=st.sampled_from([0.0, 0.01, 0.05, 1.0]), max_chars=st.none() | st.integers(1, 10))
@example(arrivals=[(0, StreamingChunk(content="a")), (1, StreamingChunk(content="b"))], interval=0.05, max_chars=None)
def test_batches(arrivals: list[tuple[int, StreamingChunk]], interval: float, max_chars: int | None) -> None:
    """Nothing is lost, the first comes at once, one an interval at most, and none is later than that."""
    batches = _batches(arrivals, interval, max_chars)
    chunks = [*(chunk for _, chunk in arrivals), StreamingChunk(is_complete=True)]
    assert _whole([chunk for _, chunk in batches]) == _whole(chunks)
    assert [chunk.is_complete for _, chunk in batches] == [False] * (len(batches) - 1) + [True]
    first_arrival = (arrivals[0][0] if arrivals else 1) / 100
    assert batches[0][0] == first_arrival
    for (before, _), (time, batch) in itertools.pairwise(batches):
        early = batch.is_complete or (max_chars is not None and len(batch.content or "") >= max_chars)
        assert early or time - before >= interval - 1e-9
    _check_nothing_late(arrivals, batches, interval)


def _check_nothing_late(
    arrivals: list[tuple[int, StreamingChunk]], batches: list[tuple[float, StreamingChunk]], interval: float
) -> None:
    shown = [(time, character) for time, batch in batches for character in batch.content or ""]
    now, position = 0.0, 0
    for after, chunk in arrivals:
        now += after / 100
        for _ in chunk.content or "":
            assert now - 1e-9 <= shown[position][0] <= now + interval + 1e-9
            position += 1


def test_a_chunk_alone_is_handed_on_as_it_is() -> None:
    """Nothing is copied that need not be."""
    batcher, chunk = Batcher(0.05), StreamingChunk(content="", metadata={})
    batcher.add([chunk], 0.0)
    assert batcher.take(0.0) is chunk


@pytest.mark.slow
def test_a_million_chunks() -> None:
    """What is held is an interval's worth, in linear time."""
    batcher, characters, chunk = Batcher(0.05, max_chars=1000), 0, StreamingChunk(content="word ")
    for number in range(1_000_000):
        batcher.add([chunk], number / 1e6)
        if batcher.wait(number / 1e6) == 0:
            characters += len(batcher.take(number / 1e6).content or "")
    assert characters + len(batcher.take(2.0).content or "") == 5_000_000
