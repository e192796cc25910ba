"""Our clients, as a user has them: with every check, deadline and record that is on by default."""

from __future__ import annotations

from typing import Any

from bench.clients.base import MOST_CONNECTIONS
from gpo_client import ChatResponse, ChatStream, GPOCoreClient, SyncChatStream, SyncGPOCoreClient

CONTEXT = {"session_id": "session-1", "token": "s3cr3t"}
# A failure shall show, not be mended.
_SETTINGS = {"max_connections": MOST_CONNECTIONS, "max_retries": 0, "max_resumes": 0, "max_event_bytes": 1 << 30}


class Blocking:
    """``SyncGPOCoreClient``.

    Args:
        address: The server.
        options: Further settings.
    """

    def __init__(self, address: str, **options: Any) -> None:
        self.client = SyncGPOCoreClient(base_url=address, **{**_SETTINGS, **options})

    def stream(self, question: str) -> SyncChatStream:
        """The stream, which is its own context manager."""
        return self.client.chat_stream(CONTEXT, {"query": question})

    def ask(self, question: str) -> ChatResponse:
        """The whole answer."""
        return self.client.chat(CONTEXT, {"query": question})

    def close(self) -> None:
        """Close it."""
        self.client.close()


class Asynchronous:
    """``GPOCoreClient``.

    Args:
        address: The server.
        options: Further settings.
    """

    def __init__(self, address: str, **options: Any) -> None:
        self.client = GPOCoreClient(base_url=address, **{**_SETTINGS, **options})

    def stream(self, question: str) -> ChatStream:
        """The stream, which is its own context manager."""
        return self.client.chat_stream(CONTEXT, {"query": question})

    async def ask(self, question: str) -> ChatResponse:
        """The whole answer."""
        return await self.client.chat(CONTEXT, {"query": question})

    async def aclose(self) -> None:
        """Close it."""
        await self.client.aclose()
