"""Questions and answers over real WebSockets."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from socket import SO_LINGER, SOL_SOCKET
from threading import Event
from typing import Any

import httpx
import pytest
import websockets.exceptions
import websockets.sync.client as websockets_client
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from gpo_client import GPOCoreClient, InvalidArgumentError
from gpo_client.relay import websocket_chat
from tests.relay.conftest import CONTEXT
from tests.relay.service import closing, running
from tests.support.asgi import serving
from tests.support.events import answer_events, json_answer, problem, stream_answer
from tests.support.wire import ONE_TRY, End, WireServer

TEXTS = ["Mexico ", "taxes ", "companies."]
SECRET = "tenant-4711 on host internal.example.com"


@pytest.fixture
def runtime() -> str:
    return "asyncio"


def _ask(socket: Any, **message: Any) -> None:
    socket.send(json.dumps({"query": "What is RESICO?", **message}))


def _rest(socket: Any) -> list[dict[str, Any]]:
    return [json.loads(message) for message in socket]


def _text(messages: list[dict[str, Any]]) -> str:
    return "".join(message.get("content", "") for message in messages)


def test_whole_answer() -> None:
    """Messages in the shape of the documents' own; the socket is closed after the last."""
    with running(stream_answer(*answer_events(*TEXTS))) as service, service.connect() as socket:
        _ask(socket, token="made up", session_id="made up", conversation_id="conv_02")
        first, *messages = _rest(socket)
        assert first["id"] == f"{first['answer_id']}:0"
        assert [message["is_complete"] for message in messages] == [False, False, False, True]
        assert (_text(messages), messages[-1]["sources"][0]["relevance_score"]) == ("".join(TEXTS), 0.9)
        assert socket.close_code == 1000
        (request,) = service.upstream.requests
        assert request.headers["authorization"] == f"Bearer {CONTEXT['token']}"
        assert json.loads(request.body)["conversation_id"] == "conv_02"


def test_coming_back() -> None:
    """The connection breaks; on a new one the page gets what it has missed, and the question is asked once."""
    gate, events = Event(), answer_events(*TEXTS)
    with running(stream_answer(events[0], gate, *events[1:])) as service:
        with service.connect() as socket:
            _ask(socket)
            seen = [json.loads(socket.recv(20)), json.loads(socket.recv(20))]
        gate.set()
        with service.connect() as socket:
            socket.send(json.dumps({"last_event_id": seen[-1]["id"]}))
            seen += _rest(socket)
        assert (_text(seen), len(service.upstream.requests)) == ("".join(TEXTS), 1)
        with service.connect() as socket:
            socket.send(json.dumps({"last_event_id": seen[-1]["id"]}))
            assert (_rest(socket), socket.close_code) == ([], 1000)


def test_stop() -> None:
    """The page stops the answer; what it sends besides is not looked at."""
    with running(stream_answer(answer_events(*TEXTS)[0], end=End.STALL), grace_s=3600) as service:
        with service.connect() as socket:
            _ask(socket)
            for _ in range(2):  # the beginning, and the first piece: by then the GPO API has been asked
                assert json.loads(socket.recv(20))["is_complete"] is False
            for message in ("not JSON", "[]", b"bytes", '{"stop": false}', '{"stop": true}'):
                socket.send(message)
            assert _rest(socket)[-1]["code"] == "stopped"
        service.upstream.wait_closed(0)


def test_going_away() -> None:
    """A page that goes away for good stops the request to the GPO API."""
    with running(stream_answer(answer_events(*TEXTS)[0], end=End.STALL), grace_s=0.05) as service:
        with service.connect() as socket:
            _ask(socket)
            socket.recv(20)
            socket.recv(20)
        service.upstream.wait_closed(0)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"query": 5}',
        '{"query": "  "}',
        '{"query": "12345678901"}',
        '{"query": "' + "x" * 999 + '"}',
        '{"query": "What?"' + " " * 999 + "}",
    ],
)
def test_impossible_questions(message: str) -> None:
    """They are answered with a problem, and nobody is asked."""
    with running(max_query_chars=10, max_message_bytes=900) as service, service.connect() as socket:
        socket.send(message)
        (told,) = _rest(socket)
        assert (told["code"], socket.close_code) == ("invalid_question", 1000)


def test_binary_messages_are_no_questions() -> None:
    """They are answered with a problem as well."""
    with running() as service, service.connect() as socket:
        socket.send(b'{"query": "What is RESICO?"}')
        assert [message["code"] for message in _rest(socket)] == ["invalid_question"]


def test_nobody_to_refuse() -> None:
    """Pages that ask something impossible and are gone before they are told leave nothing behind."""
    with running() as service:
        for _ in range(10):
            with service.connect() as socket:
                socket.send("{}")
                socket.socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                socket.socket.close()


def test_head_requests_ask_nothing() -> None:
    """Starlette serves them wherever it serves GET."""
    with running() as service:
        head = httpx.head(f"{service.base_url}/sse", trust_env=False)
        assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert service.upstream.requests == []


def test_no_question() -> None:
    """It is not waited for without end."""
    with running(question_timeout_s=0.05) as service, service.connect() as socket:
        (told,) = _rest(socket)
        assert told["code"] == "timeout"


def test_leaving_without_a_question() -> None:
    """It leaves nothing behind: the next page is served."""
    with running(stream_answer(*answer_events(*TEXTS)), max_running=1) as service:
        with service.connect():
            pass
        with service.connect() as socket:
            _ask(socket)
            assert _text(_rest(socket)) == "".join(TEXTS)


def test_errors_are_told_in_our_own_words() -> None:
    """As on the event stream."""
    with running(json_answer(problem(401, detail=SECRET), 401)) as service, service.connect() as socket:
        _ask(socket)
        last = _rest(socket)[-1]
        assert last["code"] == "not_authorized"
        assert "4711" not in json.dumps(last)


def test_shutdown() -> None:
    """The page is told by the code of the close that the service restarts (RFC 6455 §7.4.1, IANA's registry)."""
    with (
        running(stream_answer(answer_events(*TEXTS)[0], end=End.STALL), grace_s=0.1) as service,
        service.connect() as socket,
    ):
        _ask(socket)
        socket.recv(20)
        service.relay.drain()
        with suppress(websockets.exceptions.ConnectionClosedError):
            _rest(socket)
        assert socket.close_code == 1012


def test_other_sites_are_refused() -> None:
    """Before the connection is accepted, unless they are named; the service's own pages are admitted."""
    script = [stream_answer(*answer_events(*TEXTS)) for _ in range(2)]
    with running(*script, allowed_origins=["https://app.example.com"]) as service:
        with pytest.raises(websockets.exceptions.InvalidStatus), service.connect(origin="https://other.example.com"):
            pass
        for origin in ("https://app.example.com", service.base_url):
            with service.connect(origin=origin) as socket:
                _ask(socket)
                assert _text(_rest(socket)) == "".join(TEXTS)


def test_other_sites_event_streams() -> None:
    """Refused with 403 before anything is asked; those that are named may read the answer."""
    script = [stream_answer(*answer_events(*TEXTS)) for _ in range(2)]
    with running(*script, allowed_origins=["https://app.example.com"], allow_credentials=True) as service:
        refused = httpx.get(f"{service.base_url}/sse", headers={"Origin": "https://other.example.com"}, trust_env=False)
        assert (refused.status_code, len(service.upstream.requests)) == (403, 0)
        assert "access-control-allow-origin" not in refused.headers
        named = httpx.get(f"{service.base_url}/sse", headers={"Origin": "https://app.example.com"}, trust_env=False)
        assert named.headers["access-control-allow-origin"] == "https://app.example.com"
        assert (named.headers["access-control-allow-credentials"], named.headers["vary"]) == ("true", "Origin")
        own = httpx.get(f"{service.base_url}/sse", trust_env=False)
        assert (own.status_code, own.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")


async def test_a_client_needs_a_context() -> None:
    """Whoever leaves it out is told, and how to mend it."""
    async with GPOCoreClient(base_url="http://127.0.0.1:9") as client:
        with pytest.raises(InvalidArgumentError, match="context="):
            await websocket_chat(None, client)  # type: ignore[arg-type]


def test_conversations_can_be_given() -> None:
    """In place of a client with a context."""
    with WireServer(
        json_answer({"session_id": "s", "token": "t", "expires_at": "2099-11-01T12:00:00Z", "user_id": "u"}),
        json_answer({"conversation_id": "c", "title": "T", "created_at": "2026-11-01T12:00:00Z", "status": "active"}),
        stream_answer(*answer_events(*TEXTS)),
    ) as upstream:
        client = GPOCoreClient(base_url=upstream.base_url, **ONE_TRY)

        async def chat(websocket: WebSocket) -> None:
            conversation = await client.open_conversation({"instance_id": "i", "user_id": "u"})
            await websocket_chat(websocket, conversation)

        app = Starlette(routes=[WebSocketRoute("/ws", chat)], lifespan=closing(client))
        with serving(app) as base_url:
            address = base_url.replace("http", "ws") + "/ws"
            with websockets_client.connect(address, proxy=None) as socket:
                _ask(socket)
                assert _text(_rest(socket)) == "".join(TEXTS)
