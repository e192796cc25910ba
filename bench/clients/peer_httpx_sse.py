"""httpx-sse with ``json.loads``: what many write by hand. Untyped."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
from httpx_sse import aconnect_sse, connect_sse

from bench.clients.base import CHAT_PATH, PATIENCE, request_body


class Blocking:
    """On ``httpx.Client``."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=PATIENCE)

    @contextmanager
    def stream(self, question: str) -> Iterator[Iterator[object]]:
        """Dictionaries."""
        with connect_sse(self._http, "POST", CHAT_PATH, json=request_body(question)) as source:
            yield (json.loads(event.data) for event in source.iter_sse())

    def close(self) -> None:
        """Close it."""
        self._http.close()


class Asynchronous:
    """On ``httpx.AsyncClient``."""

    def __init__(self, address: str) -> None:
        self._http = httpx.AsyncClient(base_url=address, timeout=PATIENCE)

    @asynccontextmanager
    async def stream(self, question: str) -> AsyncIterator[AsyncIterator[object]]:
        """Dictionaries."""
        async with aconnect_sse(self._http, "POST", CHAT_PATH, json=request_body(question)) as source:
            yield (json.loads(event.data) async for event in source.aiter_sse())

    async def aclose(self) -> None:
        """Close it."""
        await self._http.aclose()
