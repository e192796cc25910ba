"""Streams: bytes to events, events to chunks, chunks to text and whole answers. Nothing here does I/O."""

from gpo_client.streaming import transforms
from gpo_client.streaming.aggregate import ChunkAggregator
from gpo_client.streaming.aio.chat_stream import ChatStream
from gpo_client.streaming.events import ServerSentEvent
from gpo_client.streaming.retry import RetryPolicy
from gpo_client.streaming.sse import SSEDecoder
from gpo_client.streaming.sync.chat_stream import SyncChatStream
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

__all__ = [
    "ChatStream",
    "ChunkAggregator",
    "Pipeline",
    "RetryPolicy",
    "SSEDecoder",
    "Segment",
    "ServerSentEvent",
    "Splitter",
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
