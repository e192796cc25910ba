"""Streams: bytes to events, events to chunks, chunks to text and whole answers. Nothing here does I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpo_client.lazy import lazy_names

if TYPE_CHECKING:
    from gpo_client.sse.parser import ServerSentEvent, SSEDecoder
    from gpo_client.sse.retry import RetryPolicy
    from gpo_client.streams.aio.chat_stream import ChatStream
    from gpo_client.streams.sync.chat_stream import SyncChatStream
    from gpo_client.text import transforms
    from gpo_client.text.read_ahead import Batcher, ReadAhead, StreamStats
    from gpo_client.text.record import ChunkAggregator, StreamProgress
    from gpo_client.text.transforms import (
        Pipeline,
        Segment,
        Splitter,
        TextTransform,
        code_blocks,
        escape_html,
        highlight,
        lines,
        redact,
        sentences,
    )

__all__ = [
    "Batcher", "ChatStream", "ChunkAggregator", "Pipeline", "ReadAhead", "RetryPolicy", "SSEDecoder", "Segment",
    "ServerSentEvent", "Splitter", "StreamProgress", "StreamStats", "SyncChatStream", "TextTransform", "code_blocks",
    "escape_html", "highlight", "lines", "redact", "sentences", "transforms",
]  # fmt: skip

__getattr__ = lazy_names(
    __name__,
    {
        "gpo_client.text": "transforms",
        "gpo_client.text.record": "ChunkAggregator StreamProgress",
        "gpo_client.text.read_ahead": "Batcher ReadAhead StreamStats",
        "gpo_client.streams.aio.chat_stream": "ChatStream",
        "gpo_client.sse.retry": "RetryPolicy",
        "gpo_client.sse.parser": "SSEDecoder ServerSentEvent",
        "gpo_client.streams.sync.chat_stream": "SyncChatStream",
        "gpo_client.text.transforms": (
            "Pipeline Segment Splitter TextTransform code_blocks escape_html highlight lines redact sentences"
        ),
    },
)


def __dir__() -> list[str]:
    return __all__
