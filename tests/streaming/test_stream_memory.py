"""A million chunks through decoder and record, in memory that does not grow."""

from __future__ import annotations

import gc
import sys

import pytest

from gpo_client.config import GPOConfig
from gpo_client.flows.deadlines import StreamDeadlines
from gpo_client.flows.stream_reader import StreamReader
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.text.record import PARTIAL_CHARS, StreamRecord

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
