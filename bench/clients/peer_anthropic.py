"""anthropic-sdk-python: ``messages.create(stream=True)``.

It reads named events alone, so its bytes are the others' plus a line ``event: content_block_delta`` in each event.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import anthropic

from bench.clients.base import PATIENCE


class Blocking:
    """``anthropic.Anthropic``."""

    def __init__(self, address: str) -> None:
        self._client = anthropic.Anthropic(base_url=address, api_key="none", max_retries=0, timeout=PATIENCE)

    @contextmanager
    def stream(self, question: str) -> Iterator[Iterator[object]]:
        """Its events."""
        with self._client.messages.create(
            model="bench", max_tokens=1, messages=[{"role": "user", "content": question}], stream=True
        ) as chunks:
            yield iter(chunks)

    def close(self) -> None:
        """Close it."""
        self._client.close()


class Asynchronous:
    """``anthropic.AsyncAnthropic``."""

    def __init__(self, address: str) -> None:
        self._client = anthropic.AsyncAnthropic(base_url=address, api_key="none", max_retries=0, timeout=PATIENCE)

    @asynccontextmanager
    async def stream(self, question: str) -> AsyncIterator[AsyncIterator[object]]:
        """Its events."""
        async with await self._client.messages.create(
            model="bench", max_tokens=1, messages=[{"role": "user", "content": question}], stream=True
        ) as chunks:
            yield aiter(chunks)

    async def aclose(self) -> None:
        """Close it."""
        await self._client.close()
