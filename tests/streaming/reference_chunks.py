"""The decoder without its short cut: every line goes through the parser."""

from __future__ import annotations

from gpo_client import StreamingChunk
from gpo_client.sse.event_chunks import EventChunkDecoder


class LineByLineDecoder(EventChunkDecoder):
    """Reads no runs of regular events at once."""

    def _run(self, lines: list[bytes], _chunks: list[StreamingChunk], _most: int) -> list[bytes]:
        return lines
