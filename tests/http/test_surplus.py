"""An answer is never another's: a connection with anything to say between two exchanges is closed.

Each answer here has something after its end, in every shape; the next question must get its own answer, on another
connection, and nobody hears of it.
"""

from __future__ import annotations

import ssl
import threading
from typing import Any

import anyio.lowlevel
import pytest

from tests.client.conftest import Connect, Serve
from tests.support.connections import idle_connections
from tests.support.events import answer_events, chat_response, json_answer
from tests.support.proxy import ForwardProxy
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import Answer, Received

_OTHERS = json_answer(chat_response("this is another's"))
_SECOND = _OTHERS.head + b"".join(piece for piece in _OTHERS.pieces if isinstance(piece, bytes))
_BODY = json_answer(chat_response("mine")).pieces
_JSON = b"".join(piece for piece in _BODY if isinstance(piece, bytes))
_TYPE = b"Content-Type: application/json\r\n"
_LENGTH = b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (_TYPE, len(_JSON), _JSON)
_CHUNKED = b"HTTP/1.1 200 OK\r\n%bTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (_TYPE, len(_JSON), _JSON)
_INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"

WHOLE = {
    "length": _LENGTH,
    "chunked": _CHUNKED,
    "interim": _INTERIM + _LENGTH,
    "trailer": _CHUNKED[:-2] + b"X: y\r\n\r\n",
}
SURPLUS = {
    "a second answer": _SECOND,
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "one byte": b"x",
    "a line end": b"\r\n",
    "a line feed": b"\n",
    "nothing of HTTP": b"\0\0\0\0",
    "an interim answer": _INTERIM,
    "a last chunk": b"0\r\n\r\n",
}


def _raw(*pieces: bytes | threading.Event) -> Answer:
    return Answer(framing="raw", pieces=pieces)


def _then(_: Received) -> Answer:
    return json_answer(chat_response("the next one's"))


async def _ask(client: Any) -> str:
    return str((await client.chat(CONTEXT, QUESTION)).message_content)


@pytest.mark.parametrize("surplus", SURPLUS)
@pytest.mark.parametrize("whole", WHOLE)
async def test_after_an_answer(whole: str, surplus: str, connect_once: Connect, serve: Serve) -> None:
    """In one segment with it."""
    server = serve(_raw(WHOLE[whole] + SURPLUS[surplus]), then=_then)
    async with connect_once(base_url=server.base_url) as client:
        assert [await _ask(client) for _ in range(2)] == ["mine", "the next one's"]
    assert [request.connection for request in server.requests] == [0, 1]


@pytest.mark.parametrize("whole", WHOLE)
async def test_no_surplus(whole: str, connect_once: Connect, serve: Serve) -> None:
    """The same answers without it: the connection serves again."""
    server = serve(_raw(WHOLE[whole]), then=_then)
    async with connect_once(base_url=server.base_url) as client:
        assert [await _ask(client) for _ in range(2)] == ["mine", "the next one's"]
    assert [request.connection for request in server.requests] == [0, 0]


@pytest.mark.parametrize("turns", [0, 3], ids=["unread", "read"])
@pytest.mark.parametrize("surplus", SURPLUS)
@pytest.mark.parametrize("whole", WHOLE)
async def test_some_time_after_an_answer(
    whole: str, surplus: str, turns: int, connect_once: Connect, serve: Serve
) -> None:
    """While the connection lies idle: an answer before its question; an event loop may have read it meanwhile."""
    gate = threading.Event()
    server = serve(_raw(WHOLE[whole], gate, SURPLUS[surplus]), then=_then)
    async with connect_once(base_url=server.base_url) as client:
        assert await _ask(client) == "mine"
        (idle,) = idle_connections(client)
        gate.set()
        while idle.line.is_quiet():
            pass
        for _ in range(turns):
            await anyio.lowlevel.checkpoint()
        assert await _ask(client) == "the next one's"
    assert [request.connection for request in server.requests] == [0, 1]


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
@pytest.mark.parametrize("surplus", SURPLUS)
async def test_after_an_answer_without_body(status: bytes, surplus: str, connect_once: Connect, serve: Serve) -> None:
    """Which ends with its head."""
    server = serve(_raw(b"HTTP/1.1 %b\r\n\r\n%b" % (status, SURPLUS[surplus])), then=_then)
    async with connect_once(base_url=server.base_url) as client:
        if status.startswith(b"204"):
            await client.logout(CONTEXT)
        else:
            with pytest.raises(Exception, match="304"):
                await client.logout(CONTEXT)
        assert await _ask(client) == "the next one's"
    assert [request.connection for request in server.requests] == [0, 1]


@pytest.mark.parametrize("surplus", SURPLUS)
async def test_after_a_stream(surplus: str, connect_once: Connect, serve: Serve) -> None:
    """Read to its final chunk, whose end came with the surplus."""
    events = b"".join(answer_events("Mexico "))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = serve(_raw(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(events), events) + SURPLUS[surplus]), then=_then)
    async with connect_once(base_url=server.base_url) as client:
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == "Mexico "
        assert await _ask(client) == "the next one's"
    assert [request.connection for request in server.requests] == [0, 1]


async def test_after_a_stream_left_early(connect_once: Connect, serve: Serve) -> None:
    """All of it had come, and an answer to nobody: left by break, none of it is read again."""
    events = b"".join(answer_events("Mexico ", "taxes "))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = serve(_raw(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(events), events) + _SECOND), then=_then)
    async with connect_once(base_url=server.base_url) as client:
        async with client.chat_stream(CONTEXT, QUESTION) as stream:
            assert (await anext(stream)).content == "Mexico "
        assert await _ask(client) == "the next one's"
    assert [request.connection for request in server.requests] == [0, 1]


@pytest.fixture(params=["directly", "through a proxy's tunnel"])
def way(request: pytest.FixtureRequest, proxy: ForwardProxy) -> dict[str, str]:
    """The settings for the way to a server."""
    return {} if request.param == "directly" else {"proxy": proxy.url}


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("surplus", SURPLUS)
async def test_with_tls(
    surplus: str, way: dict[str, str], connect_once: Connect, serve: Serve, server_tls: ssl.SSLContext
) -> None:
    """Encrypted."""
    server = serve(_raw(_LENGTH + SURPLUS[surplus]), then=_then, tls=server_tls)
    async with connect_once(base_url=server.base_url, **way) as client:
        assert [await _ask(client) for _ in range(2)] == ["mine", "the next one's"]
    assert [request.connection for request in server.requests] == [0, 1]


async def test_through_a_proxy(connect_once: Connect, serve: Serve, proxy: ForwardProxy) -> None:
    """In the clear."""
    server = serve(_raw(_CHUNKED + _SECOND), then=_then)
    async with connect_once(base_url=server.base_url, proxy=proxy.url) as client:
        assert [await _ask(client) for _ in range(2)] == ["mine", "the next one's"]
    assert [request.connection for request in server.requests] == [0, 1]


@pytest.mark.parametrize("announced", [-1, 1])
async def test_lengths_that_lie(announced: int, connect_once: Connect, serve: Serve) -> None:
    """Too short: what is left over is nobody's. Too long: the answer is cut short, and not filled up with the next."""
    head = b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n" % (_TYPE, len(_JSON) + announced)
    server = serve(_raw(head + _JSON), then=_then)
    async with connect_once(base_url=server.base_url, timeout=0.3) as client:
        with pytest.raises(Exception, match=r"JSON|timeout"):
            await _ask(client)
        assert await _ask(client) == "the next one's"
    assert [request.connection for request in server.requests] == [0, 1]
