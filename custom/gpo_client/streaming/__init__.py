"""Streams: bytes to events, events to chunks, chunks to text and whole answers. Nothing here does I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpo_client.lazy import lazy_names

if TYPE_CHECKING:
    from gpo_client.streaming import transforms as transforms
    from gpo_client.streaming.aggregate import ChunkAggregator
    from gpo_client.streaming.batcher import Batcher
    from gpo_client.streaming.events import ServerSentEvent
    from gpo_client.streaming.progress import StreamProgress
    from gpo_client.streaming.read_ahead import ReadAhead, StreamStats
    from gpo_client.streaming.retry import RetryPolicy
    from gpo_client.streaming.sse import SSEDecoder
    from gpo_client.streaming.transforms import (
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
    from gpo_client.streams.aio.chat_stream import ChatStream
    from gpo_client.streams.sync.chat_stream import SyncChatStream

__all__ = [
    "Batcher",
    "ChatStream",
    "ChunkAggregator",
    "Pipeline",
    "ReadAhead",
    "RetryPolicy",
    "SSEDecoder",
    "Segment",
    "ServerSentEvent",
    "Splitter",
    "StreamProgress",
    "StreamStats",
    "SyncChatStream",
    "TextTransform",
    "code_blocks",
    "escape_html",
    "highlight",
    "lines",
    "redact",
    "sentences",
    "transforms",
]

__getattr__ = lazy_names(
    __name__,
    {
        __name__: "transforms",
        "gpo_client.streaming.aggregate": "ChunkAggregator",
        "gpo_client.streaming.batcher": "Batcher",
        "gpo_client.streaming.progress": "StreamProgress",
        "gpo_client.streaming.read_ahead": "ReadAhead StreamStats",
        "gpo_client.streams.aio.chat_stream": "ChatStream",
        "gpo_client.streaming.events": "ServerSentEvent",
        "gpo_client.streaming.retry": "RetryPolicy",
        "gpo_client.streaming.sse": "SSEDecoder",
        "gpo_client.streams.sync.chat_stream": "SyncChatStream",
        "gpo_client.streaming.transforms": (
            "Pipeline Segment Splitter TextTransform code_blocks escape_html highlight lines redact sentences"
        ),
    },
)


def __dir__() -> list[str]:
    return __all__
