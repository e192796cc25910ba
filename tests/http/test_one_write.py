"""A request goes out in one piece: every write is a system call, and wakes the server once more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gpo_client.http.network.asyncio import AsyncioLine
from gpo_client.http.network.blocking import SyncLine
from gpo_client.http.network.trio import TrioLine
from tests.client.conftest import Connect, Serve
from tests.support.events import TEXT_EVENT_STREAM, answer_events
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire_script import Answer


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What was written to connections."""
    written: list[bytes] = []

    def noting(write: Callable[..., Any]) -> Callable[..., Any]:
        def note(self: object, buffer: bytes, *rest: Any) -> Any:
            written.append(buffer)
            return write(self, buffer, *rest)

        return note

    for line in (SyncLine, AsyncioLine, TrioLine):
        monkeypatch.setattr(line, "write", noting(line.write))
    yield written
    assert written, "nothing was counted"


async def test_head_and_body_together(connect_once: Connect, serve: Serve, writes: list[bytes]) -> None:
    """A question: its head and its body."""
    server = serve(*[Answer(headers=TEXT_EVENT_STREAM, pieces=answer_events("word"))] * 2)
    async with connect_once(base_url=server.base_url) as client:
        for _ in range(2):
            await client.chat_stream(CONTEXT, QUESTION).collect()
    assert len(writes) == 2
    assert all(b"POST" in write and b'"query"' in write for write in writes)


async def test_head_alone(connect_once: Connect, serve: Serve, writes: list[bytes]) -> None:
    """A request without a body."""
    server = serve(Answer(status=204, framing="length"))
    async with connect_once(base_url=server.base_url) as client:
        await client.logout(CONTEXT)
    assert len(writes) == 1
    assert writes[0].startswith(b"POST ")
    assert b"\r\nContent-Length: 0\r\n" in writes[0]


async def test_host_and_length(connect_once: Connect, serve: Serve, writes: list[bytes]) -> None:
    """Where the request goes and how long it is are said once; a host that the caller names is the one that counts."""
    server = serve(*[Answer(headers=TEXT_EVENT_STREAM, pieces=answer_events("word"))] * 2)
    async with connect_once(base_url=server.base_url) as client:
        await client.chat_stream(CONTEXT, QUESTION).collect()
        await client.chat_stream(CONTEXT, QUESTION, headers={"host": "gpo.example.com"}).collect()
    heads, bodies = zip(*(write.split(b"\r\n\r\n") for write in writes), strict=True)
    for head, body in zip(heads, bodies, strict=True):
        assert re.findall(rb"(?i)content-length: (.+)", head) == [b"%d\r" % len(body)]
    hosts = [re.findall(rb"(?i)host: (.+)\r", head) for head in heads]
    assert hosts == [[server.base_url.removeprefix("http://").encode()], [b"gpo.example.com"]]
