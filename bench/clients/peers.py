"""openai-python and anthropic-sdk-python, each by its own call for a streamed answer.

openai-python takes the same bytes as we do, with its own class around them. anthropic-sdk-python reads named events
alone, so its bytes are the others' plus a line ``event: content_block_delta`` in each event.
"""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from bench.clients.base import PATIENCE

_NAMES = {"openai": "OpenAI", "anthropic": "Anthropic"}


def _make(library: str, prefix: str, address: str) -> Any:
    made = getattr(importlib.import_module(library), f"{prefix}{_NAMES[library]}")
    return made(base_url=address, api_key="none", max_retries=0, timeout=PATIENCE)


def _ask(client: Any, question: str) -> Any:
    asked: dict[str, Any] = {"model": "bench", "messages": [{"role": "user", "content": question}], "stream": True}
    if hasattr(client, "chat"):
        return client.chat.completions.create(**asked)
    return client.messages.create(max_tokens=1, **asked)


class Blocking:
    """``OpenAI`` or ``Anthropic``."""

    def __init__(self, address: str, *, library: str) -> None:
        self._client = _make(library, "", address)

    @contextmanager
    def stream(self, question: str) -> Iterator[Iterator[object]]:
        """Its chunks or events."""
        with _ask(self._client, question) as chunks:
            yield iter(chunks)

    def close(self) -> None:
        """Close it."""
        self._client.close()


class Asynchronous:
    """``AsyncOpenAI`` or ``AsyncAnthropic``."""

    def __init__(self, address: str, *, library: str) -> None:
        self._client = _make(library, "Async", address)

    @asynccontextmanager
    async def stream(self, question: str) -> AsyncIterator[AsyncIterator[object]]:
        """Its chunks or events."""
        async with await _ask(self._client, question) as chunks:
            yield aiter(chunks)

    async def aclose(self) -> None:
        """Close it."""
        await self._client.close()
