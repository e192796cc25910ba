"""Memory: a million chunks take what is kept and nothing besides, put together or through decoder and record."""

from __future__ import annotations

import gc
import sys
import tracemalloc

import pytest

from gpo_client import ChunkAggregator, CitationSource, StreamingChunk
from gpo_client.config import GPOConfig
from gpo_client.flows.deadlines import StreamDeadlines
from gpo_client.flows.stream_reader import StreamReader
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.text.bounds import Keep
from gpo_client.text.record import PARTIAL_CHARS, StreamRecord

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


_A_READ = 200
_TEXT = "word " * 10


@pytest.mark.slow
def test_a_million_chunks() -> None:
    """What is kept is the text for the errors' ``partial``, to its limit, in a few objects, and nothing else."""
    record = StreamRecord(lambda: 0.0)
    deadlines = StreamDeadlines(lambda: 0.0, GPOConfig(), None)
    reader = StreamReader(EventChunkDecoder(None, record.sequence), record, deadlines)

    def read_until(count: int) -> int:
        """Objects alive after so many chunks, of which the reader keeps none."""
        for first in range(record.chunk_count + 1, count, _A_READ):
            numbers = range(first, first + _A_READ)
            reader.feed(b"".join([b'id: m:%d\ndata: {"content":"%b"}\n\n' % (n, _TEXT.encode()) for n in numbers]))
        assert record.chunk_count == count
        assert record.last_event_id == f"m:{count}"
        gc.collect()
        return sys.getallocatedblocks()

    after_some = read_until(10_000)
    assert read_until(1_000_000) - after_some < 1_000
    assert len(record.partial.content) == PARTIAL_CHARS
    assert record.partial.truncated
