"""A million chunks take the memory of what is kept, and nothing besides."""

from __future__ import annotations

import tracemalloc

import pytest

from gpo_client import ChunkAggregator, CitationSource, StreamingChunk
from gpo_client.text.bounds import Keep

_CHUNKS = 1_000_000
_KEPT = 10_000
# The text that is kept, twice over with "tail", and pieces of it that are not joined yet.
_BOUND = 200_000


@pytest.mark.slow
@pytest.mark.parametrize("keep", ["head", "tail"])
def test_a_million_chunks_within_a_bound(keep: Keep) -> None:
    """What is held does not grow, whatever the chunks say."""
    source = CitationSource(id="", title="t", relevance_score=0.5, url="u", content_excerpt="e")
    with_sources = StreamingChunk(content="word ", sources=[source, source], metadata={"message_id": "m"})
    only_text = StreamingChunk(content="word ")
    aggregator = ChunkAggregator(_KEPT, keep)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(_CHUNKS):
            aggregator.add(only_text if number % 100 else with_sources)
        held, peak = (size - before for size in tracemalloc.get_traced_memory())
    finally:
        tracemalloc.stop()
    assert held < _BOUND
    assert peak < _BOUND
    result = aggregator.result()
    assert (len(result.content), result.truncated, result.chunk_count) == (_KEPT, True, _CHUNKS)
    assert len(result.sources) == 1
