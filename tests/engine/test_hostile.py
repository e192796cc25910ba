"""Servers that try to fill memory, and lengths that lie."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gpo_client import (
    GPOConnectionError,
    InvalidResponseError,
    ServiceUnavailableError,
    StreamInterruptedError,
    StreamLimitError,
    StreamProtocolError,
)
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.support.events import chunk, sse, stream_answer
from tests.support.question import CONTEXT, EVENTS, QUESTION, TEXTS
from tests.support.wire_script import Answer, End

ONCE: dict[str, Any] = {"max_retries": 0, "max_resumes": 0}
MIB = 1024 * 1024


def _kernel_most(setting: str, otherwise_mb: int) -> int:
    """How many bytes the kernel may hold for one side of a connection."""
    path = Path("/proc/sys/net/ipv4") / setting
    return int(path.read_text().split()[2]) if path.exists() else otherwise_mb << 20


#: What the sockets of both sides may hold besides what the client has taken.
IN_FLIGHT = _kernel_most("tcp_rmem", 16) + _kernel_most("tcp_wmem", 4)


def endless(*first: bytes, piece: bytes) -> Iterator[bytes]:
    """Some pieces, then one for ever."""
    yield from first
    yield from itertools.repeat(piece)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(lambda: endless(EVENTS[0], b"data: ", piece=b"x" * 65536), id="an endless line"),
        pytest.param(lambda: endless(EVENTS[0], piece=b"data: x\n" * 8192), id="an endless event"),
        pytest.param(lambda: [EVENTS[0], *[b"data: " + b"x" * MIB + b"\n"] * 64], id="a 64 MB event"),
    ],
)
async def test_event_without_end(pieces: Any, connect: Connect, serve: Serve) -> None:
    """The limit holds, what came before is delivered, and the server is not read any further."""
    server = serve(stream_answer(*(), pieces=pieces()))
    async with connect(base_url=server.base_url, max_event_bytes=MIB // 2) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
        await server.closed(0)
    assert type(outcome.error) is StreamLimitError
    assert outcome.text == outcome.error.partial.content == TEXTS[0]
    assert server.connections[0].sent < MIB // 2 + IN_FLIGHT


async def test_head_without_end(connect: Connect, serve: Serve) -> None:
    """Header fields are bounded."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    server = serve(Answer(framing="raw", pieces=endless(head, piece=b"X-Field: " + b"x" * 1000 + b"\r\n")))
    async with connect(base_url=server.base_url, **ONCE) as client:
        with pytest.raises(GPOConnectionError, match="does not speak proper HTTP"):
            await client.chat_stream(CONTEXT, QUESTION).collect()
        await server.closed(0)
    assert server.connections[0].sent < IN_FLIGHT


async def test_body_without_end(connect: Connect, serve: Serve) -> None:
    """Whole answers are bounded too."""
    server = serve(Answer(headers={"Content-Type": "application/json"}, pieces=endless(piece=b" " * 65536)))
    async with connect(base_url=server.base_url, max_response_bytes=MIB, **ONCE) as client:
        with pytest.raises(InvalidResponseError, match="max_response_bytes"):
            await client.chat(CONTEXT, QUESTION)
        await server.closed(0)
    assert server.connections[0].sent < MIB + IN_FLIGHT


@pytest.mark.parametrize(("status", "kind"), [(503, "answer"), (503, "stream"), (200, "stream")])
async def test_problem_without_end(status: int, kind: str, connect: Connect, serve: Serve) -> None:
    """Of a body that says no more than what is wrong the beginning is read, whatever larger answers are allowed."""
    pieces = [b"x" * MIB] * 64
    server = serve(Answer(status=status, headers={"Content-Type": "application/json"}, pieces=pieces))
    async with connect(base_url=server.base_url, **ONCE) as client:
        ask = client.chat if kind == "answer" else lambda *args: client.chat_stream(*args).collect()
        with pytest.raises(ServiceUnavailableError if status == 503 else StreamProtocolError):
            await ask(CONTEXT, QUESTION)
        await server.closed(0)
    assert server.connections[0].sent < MIB + IN_FLIGHT


async def test_slow_consumer_slows_the_server(connect: Connect, serve: Serve) -> None:
    """Nothing is read ahead of whoever iterates: what the server could send is what was taken and what is in flight."""
    event = sse(chunk("x" * 1000))
    server = serve(stream_answer(*(), pieces=endless(piece=event)))
    async with connect(base_url=server.base_url, **ONCE) as client:
        async with client.chat_stream(CONTEXT, QUESTION) as stream:
            for _ in range(1000):
                await anext(stream)
        await server.closed(0)
    assert server.connections[0].sent < 1000 * len(event) + IN_FLIGHT


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("kind", ["answer", "file"])
async def test_cut_short_is_not_whole(kind: str, framing: Any, connect: Connect, serve: Serve) -> None:
    """What could be all of an answer or a file is none of it, when more was announced."""
    media_type = "application/json" if kind == "answer" else "application/pdf"
    answer = Answer(headers={"Content-Type": media_type}, pieces=(b"[]",), framing=framing, announced=500, end=End.FIN)
    async with connect(base_url=serve(answer).base_url, **ONCE) as client:
        ask = client.list_document_solutions if kind == "answer" else partial(client.download_document, document_id="d")
        with pytest.raises(GPOConnectionError, match="connection closed before"):
            await ask(CONTEXT)


async def test_announced_length_too_short(connect: Connect, serve: Serve) -> None:
    """A body longer than announced ends where it was announced to: before its final event, so it is cut short."""
    answer = stream_answer(*EVENTS, framing="length", announced=len(EVENTS[0]) + 5, end=End.FIN)
    async with connect(base_url=serve(answer).base_url, **ONCE) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
    assert (type(outcome.error), outcome.text) == (StreamInterruptedError, TEXTS[0])
