# Derived from custom/gpo_client/streams/aio/progress.py by `make sync`: edit that file, not this one.
"""A stream as a progress bar sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from gpo_client.streams.sync.chunk_stream import SyncChunkStream
from gpo_client.streams.wrong_use import SyncIterationOnly
from gpo_client.text.progress import StreamProgress


class SyncChatStreamProgress(Iterator[StreamProgress], SyncIterationOnly):
    """Reads a stream for the sake of its progress; the text is in ``stream.partial``, or wherever else it goes."""

    def __init__(self, stream: SyncChunkStream) -> None:
        self._stream = iter(stream)

    def __iter__(self) -> Self:
        """Itself; a UsageError once the stream is used up."""
        iter(self._stream)
        return self

    def __next__(self) -> StreamProgress:
        """How far it has come with the next chunk."""
        next(self._stream)
        return self._stream.progress_now
