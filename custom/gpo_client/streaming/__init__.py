"""Streams: bytes to events, events to chunks, chunks to text and whole answers. Nothing here does I/O."""

from gpo_client.streaming.aggregate import ChunkAggregator
from gpo_client.streaming.aio.chat_stream import ChatStream
from gpo_client.streaming.events import ServerSentEvent
from gpo_client.streaming.retry import RetryPolicy
from gpo_client.streaming.sse import SSEDecoder
from gpo_client.streaming.sync.chat_stream import SyncChatStream

__all__ = ["ChatStream", "ChunkAggregator", "RetryPolicy", "SSEDecoder", "ServerSentEvent", "SyncChatStream"]
