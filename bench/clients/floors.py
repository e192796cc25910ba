"""The typed floor: the least code that gives typed answers on httpx, without names, ids, retries, limits or care."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any

import httpx
import msgspec

from bench.clients.base import CHAT_PATH, MOST_CONNECTIONS, PATIENCE, request_body


class Source(msgspec.Struct):
    """A source that an answer cites."""

    id: str
    title: str
    relevance_score: float | None = None
    url: str | None = None
    content_excerpt: str | None = None


class Chunk(msgspec.Struct):
    """One piece of an answer."""

    content: str | None = None
    sources: list[Source] | None = None
    is_complete: bool = False
    metadata: dict[str, Any] | None = None


class Answer(msgspec.Struct):
    """A whole answer."""

    message_id: str
    conversation_id: str
    message_content: str
    sources: list[Source]
    created_at: datetime
    response_time_ms: int
    model_used: str


decode = msgspec.json.Decoder(Chunk).decode
_decode_answer = msgspec.json.Decoder(Answer).decode


class Blocking:
    """On ``httpx.Client``.

    Args:
        address: The server.
        keep: Idle connections to keep.
    """

    def __init__(self, address: str, *, keep: int = MOST_CONNECTIONS) -> None:
        limits = httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=keep)
        self._http = httpx.Client(base_url=address, limits=limits, timeout=PATIENCE)

    @contextmanager
    def stream(self, question: str) -> Iterator[Iterator[Chunk]]:
        """Typed chunks."""
        with self._http.stream("POST", CHAT_PATH, json=request_body(question)) as response:
            yield _chunks(response)

    def ask(self, question: str) -> Answer:
        """The whole answer."""
        return _decode_answer(self._http.post(CHAT_PATH, json=request_body(question, stream=False)).content)

    def close(self) -> None:
        """Close it."""
        self._http.close()


class Asynchronous:
    """On ``httpx.AsyncClient``.

    Args:
        address: The server.
        keep: Idle connections to keep.
    """

    def __init__(self, address: str, *, keep: int = MOST_CONNECTIONS) -> None:
        limits = httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=keep)
        self._http = httpx.AsyncClient(base_url=address, limits=limits, timeout=PATIENCE)

    @asynccontextmanager
    async def stream(self, question: str) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Typed chunks."""
        async with self._http.stream("POST", CHAT_PATH, json=request_body(question)) as response:
            yield _achunks(response)

    async def ask(self, question: str) -> Answer:
        """The whole answer."""
        return _decode_answer((await self._http.post(CHAT_PATH, json=request_body(question, stream=False))).content)

    async def aclose(self) -> None:
        """Close it."""
        await self._http.aclose()


def _chunks(response: httpx.Response) -> Iterator[Chunk]:
    rest = b""
    for data in response.iter_raw():
        *events, rest = (rest + data).split(b"\n\n")
        for event in events:
            yield decode(event[event.index(b"data: ") + 6 :])


async def _achunks(response: httpx.Response) -> AsyncIterator[Chunk]:
    rest = b""
    async for data in response.aiter_raw():
        *events, rest = (rest + data).split(b"\n\n")
        for event in events:
            yield decode(event[event.index(b"data: ") + 6 :])
