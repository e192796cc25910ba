"""The typed floor on pyreqwest, without httpx.

Its httpx-compatible transport is not used: that waits for a full buffer, so that events come late, or never when the
server falls silent. ``read_chunk`` without reading ahead gives what has arrived.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from pyreqwest.client import ClientBuilder, SyncClientBuilder

from bench.clients.base import CHAT_PATH, request_body
from bench.clients.floors import Chunk, decode

if TYPE_CHECKING:
    from pyreqwest.response import Response, SyncResponse

_HEADERS = {"content-type": "application/json"}


class Blocking:
    """On pyreqwest's blocking client."""

    def __init__(self, address: str) -> None:
        self._http = SyncClientBuilder().default_headers(_HEADERS).build()
        self._url = address + CHAT_PATH

    @contextmanager
    def stream(self, question: str) -> Iterator[Iterator[Chunk]]:
        """Typed chunks."""
        request = self._http.post(self._url).body_bytes(json.dumps(request_body(question)).encode())
        with request.streamed_read_buffer_limit(0).build_streamed() as response:
            yield _chunks(response)

    def close(self) -> None:
        """Close it."""
        self._http.close()


class Asynchronous:
    """On pyreqwest's asynchronous client."""

    def __init__(self, address: str) -> None:
        self._http = ClientBuilder().default_headers(_HEADERS).build()
        self._url = address + CHAT_PATH

    @asynccontextmanager
    async def stream(self, question: str) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Typed chunks."""
        request = self._http.post(self._url).body_bytes(json.dumps(request_body(question)).encode())
        async with request.streamed_read_buffer_limit(0).build_streamed() as response:
            yield _achunks(response)

    async def aclose(self) -> None:
        """Close it."""
        await self._http.close()


def _chunks(response: SyncResponse) -> Iterator[Chunk]:
    rest, read = b"", response.body_reader.read_chunk
    while (data := read()) is not None:
        *events, rest = (rest + data).split(b"\n\n")
        for event in events:
            yield decode(event[event.index(b"data: ") + 6 :])


async def _achunks(response: Response) -> AsyncIterator[Chunk]:
    rest, read = b"", response.body_reader.read_chunk
    while (data := await read()) is not None:
        *events, rest = (rest + data).split(b"\n\n")
        for event in events:
            yield decode(event[event.index(b"data: ") + 6 :])
