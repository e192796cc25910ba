"""openai-python: ``chat.completions.create(stream=True)``. It takes the same bytes, with its own class around them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import openai

from bench.clients.base import PATIENCE


class Blocking:
    """``openai.OpenAI``."""

    def __init__(self, address: str) -> None:
        self._client = openai.OpenAI(base_url=address, api_key="none", max_retries=0, timeout=PATIENCE)

    @contextmanager
    def stream(self, question: str) -> Iterator[Iterator[object]]:
        """Its chunks."""
        with self._client.chat.completions.create(
            model="bench", messages=[{"role": "user", "content": question}], stream=True
        ) as chunks:
            yield iter(chunks)

    def close(self) -> None:
        """Close it."""
        self._client.close()


class Asynchronous:
    """``openai.AsyncOpenAI``."""

    def __init__(self, address: str) -> None:
        self._client = openai.AsyncOpenAI(base_url=address, api_key="none", max_retries=0, timeout=PATIENCE)

    @asynccontextmanager
    async def stream(self, question: str) -> AsyncIterator[AsyncIterator[object]]:
        """Its chunks."""
        async with await self._client.chat.completions.create(
            model="bench", messages=[{"role": "user", "content": question}], stream=True
        ) as chunks:
            yield aiter(chunks)

    async def aclose(self) -> None:
        """Close it."""
        await self._client.close()
