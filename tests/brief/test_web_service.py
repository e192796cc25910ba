"""Answers streamed through a web service to browsers: real server, real WebSocket, real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from gpo_client import SyncGPOCoreClient
from gpo_sandbox import RunningSandbox
from tests.brief.service import create_service, serving
from tests.support.events import chunk, sse, stream_answer
from tests.support.question import SESSION
from tests.support.wire import ONE_TRY, End, WireServer

QUESTION = "Which tax incentives are there for research and development?"
SCRIPTED = {"text": "q", "session": "session-1", "conversation": "conversation-1", "token": "token-1"}


@attrs.frozen
class Visitor:
    """Somebody with a session, at the service's door."""

    address: str
    question: dict[str, str]
    expected: str


@pytest.fixture
def visitor(sandbox: RunningSandbox) -> Iterator[Visitor]:
    """A visitor of a service that asks the sandbox."""
    with SyncGPOCoreClient(base_url=sandbox.base_url) as client:
        conversation = client.open_conversation(SESSION)
        expected = conversation.ask(QUESTION).message_content
    context = conversation.context
    question = {
        "text": QUESTION,
        "session": context.session_id,
        "conversation": context.conversation_id or "",
        "token": context.token.reveal(),
    }
    with serving(create_service(base_url=sandbox.base_url)) as address:
        yield Visitor(address, question, expected)


def _open(address: str) -> ClientConnection:
    return connect(f"ws://{address}/ask", proxy=None)


def _by_websocket(address: str, question: dict[str, str]) -> list[dict[str, Any]]:
    with _open(address) as service:
        service.send(json.dumps(question))
        return [json.loads(message) for message in service]


def _by_http(address: str, question: dict[str, str]) -> list[dict[str, Any]]:
    with httpx.Client(trust_env=False) as http, http.stream("GET", f"http://{address}/ask", params=question) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line]


BOTH_WAYS = pytest.mark.parametrize("ask", [_by_websocket, _by_http])


@BOTH_WAYS
def test_a_browser_sees_the_answer_grow(visitor: Visitor, ask: Any) -> None:
    """Every chunk is a message of its own; the last one has the sources and says that it is the last."""
    *first, last = ask(visitor.address, visitor.question)
    assert len(first) > 1
    assert "".join(message["text"] for message in first) == visitor.expected
    assert last["done"]
    assert not any(message["done"] or message["sources"] for message in first)
    assert all(source["title"] and 0 < source["relevance"] <= 1 for source in last["sources"])
    assert last["sources"]


@BOTH_WAYS
def test_a_browser_with_a_wrong_token_is_told(visitor: Visitor, ask: Any) -> None:
    """The service's own error reaches the browser in words."""
    (message,) = ask(visitor.address, {**visitor.question, "token": "wrong"})
    assert message["error"].startswith("401 Unauthorized")


@BOTH_WAYS
def test_a_browser_is_told_of_a_cut_stream(ask: Any) -> None:
    """What had arrived is shown, then what happened: half an answer does not pass for a whole one."""
    with (
        WireServer(stream_answer(sse(chunk("Half ")), end=End.RESET)) as upstream,
        serving(create_service(base_url=upstream.base_url, **ONE_TRY)) as address,
    ):
        half, message = ask(address, SCRIPTED)
    assert half["text"] == "Half "
    assert "connection reset" in message["error"]


@BOTH_WAYS
def test_many_browsers_at_once(visitor: Visitor, ask: Any) -> None:
    """One client serves all visitors, and nobody gets somebody else's words."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(visitor.address, visitor.question), range(16)))
    assert {"".join(message["text"] for message in answer) for answer in answers} == {visitor.expected}


def _leave_websocket(address: str, left: threading.Event) -> None:
    with _open(address) as service:
        service.send(json.dumps(SCRIPTED))
        assert json.loads(service.recv())["text"] == "One "
    left.set()


def _leave_http(address: str, left: threading.Event) -> None:
    with httpx.Client(trust_env=False) as http, http.stream("GET", f"http://{address}/ask", params=SCRIPTED) as answer:
        assert '"One "' in next(answer.iter_lines())
    left.set()


@pytest.mark.parametrize("leave", [_leave_websocket, _leave_http])
def test_a_browser_that_leaves_ends_the_question(leave: Any) -> None:
    """When nobody is there to read the answer any more, the connection to the API is given up."""
    left = threading.Event()

    def pieces() -> Iterator[bytes | threading.Event]:
        yield sse(chunk("One "))
        yield left
        for _ in range(10_000):
            yield sse(chunk("more "))

    with (
        WireServer(stream_answer(pieces=pieces(), end=End.STALL)) as upstream,
        serving(create_service(base_url=upstream.base_url, **ONE_TRY)) as address,
    ):
        leave(address, left)
        upstream.wait_closed(0)
