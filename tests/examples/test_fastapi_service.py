"""The FastAPI service, in real processes: both endpoints, and what happens when connections break or processes end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
import websockets.sync.client as websockets

from gpo_client import SyncGPOCoreClient
from gpo_sandbox import RunningSandbox, running_sandbox
from tests.relay.browser import Page
from tests.support.services import Service, connected, running_service

QUESTION = "Which tax regimes can a technology company choose?"
SERVICE = ("-m", "uvicorn", "service:app", "--app-dir", "examples/fastapi_service", "--port", "0")
ANNOUNCED = r"running on (http://\S+)"


@pytest.fixture(scope="module")
def slow_sandbox() -> Iterator[RunningSandbox]:
    """A sandbox that writes for long enough to be interrupted."""
    with running_sandbox(chunk_delay_s=0.05) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def service(slow_sandbox: RunningSandbox) -> Iterator[Service]:
    with running_service(*SERVICE, announced=ANNOUNCED, GPO_API_BASE_URL=slow_sandbox.base_url) as running:
        yield running


@pytest.fixture
def two_services(slow_sandbox: RunningSandbox, redis_address: str) -> Iterator[list[Service]]:
    settings = {"GPO_API_BASE_URL": slow_sandbox.base_url, "REDIS_URL": redis_address}
    patience = ("--timeout-graceful-shutdown", "20")
    with ExitStack() as stack:
        yield [
            stack.enter_context(running_service(*SERVICE, *patience, announced=ANNOUNCED, **settings)) for _ in range(2)
        ]


@pytest.fixture(scope="module")
def expected(slow_sandbox: RunningSandbox) -> str:
    """The whole answer."""
    with SyncGPOCoreClient(base_url=slow_sandbox.base_url) as client:
        conversation = client.open_conversation({"instance_id": "i", "user_id": "u"})
        return conversation.ask(QUESTION).message_content


def _address(service: Service) -> str:
    return f"{service.base_url}/api/chat/stream-http?{httpx.QueryParams(query=QUESTION)}"


def _read_some(parts: Iterator[bytes], page: Page) -> None:
    while len(page.text) < 40:
        next(parts)
    assert not page.ended


@pytest.mark.slow
def test_server_sent_events(service: Service, expected: str) -> None:
    """The connection breaks, the browser comes back, and the page has the answer and its sources once."""
    page = Page()
    with connected(_address(service), page) as parts:
        _read_some(parts, page)
    with connected(_address(service), page) as parts:
        list(parts)
    assert (page.text, page.is_complete) == (expected, True)
    assert page.sources
    assert page.sources[0]["content_excerpt"]


@pytest.mark.slow
def test_websocket(service: Service, expected: str) -> None:
    """As the documents' own page does it; the token that it sends is not looked at."""
    address = service.base_url.replace("http", "ws") + "/api/chat/stream"
    with websockets.connect(address, proxy=None) as socket:
        socket.send(json.dumps({"query": QUESTION, "session_id": "s", "token": "made up"}))
        messages: list[dict[str, Any]] = [json.loads(message) for message in socket]
    assert "".join(message.get("content", "") for message in messages) == expected
    assert [message["is_complete"] for message in messages] == [False] * (len(messages) - 1) + [True]
    assert messages[-1]["sources"][0]["title"]


@pytest.mark.slow
def test_websocket_continues(service: Service, expected: str) -> None:
    """A new connection with the last id gets the rest."""
    address = service.base_url.replace("http", "ws") + "/api/chat/stream"
    text = last = ""
    with websockets.connect(address, proxy=None) as socket:
        socket.send(json.dumps({"query": QUESTION}))
        while len(text) < 40:
            message = json.loads(socket.recv(timeout=20))
            text, last = text + message.get("content", ""), message["id"]
    with websockets.connect(address, proxy=None) as socket:
        socket.send(json.dumps({"last_event_id": last}))
        text += "".join(json.loads(message).get("content", "") for message in socket)
    assert text == expected


@pytest.mark.slow
def test_conversations(service: Service) -> None:
    """What was asked in a conversation is found in it; another user's is not."""
    with httpx.Client(base_url=service.base_url, trust_env=False, timeout=30) as http:
        conversation_id = http.post("/api/chat/conversations").json()["conversation_id"]
        page = Page()
        with connected(f"{_address(service)}&conversation_id={conversation_id}", page) as parts:
            list(parts)
        messages = http.get(f"/api/chat/conversations/{conversation_id}").json()
        assert [message["content"] for message in messages[-2:]] == [QUESTION, page.text]
        assert http.get("/api/chat/conversations/unknown").status_code == 404
        assert http.get("/api/chat/stream-http", params={"query": "x" * 2001}).status_code == 422
        assert "EventSource" in http.get("/").text


@pytest.mark.slow
def test_one_command() -> None:
    """The service with a sandbox of its own answers, and ends without a complaint when it is interrupted."""
    command = ("examples/fastapi_service/service.py", "--sandbox", "--port", "0")
    with running_service(*command, announced=ANNOUNCED) as running:
        page = Page()
        with connected(_address(running), page) as parts:
            list(parts)
        assert page.is_complete


@pytest.mark.slow
@pytest.mark.redis
def test_coming_back_to_another_process(two_services: list[Service], expected: str) -> None:
    """The connection breaks, and the browser comes back to another process that shares the Redis."""
    first, second = two_services
    page = Page()
    with connected(_address(first), page) as parts:
        _read_some(parts, page)
    with connected(_address(second), page) as parts:
        list(parts)
    assert (page.text, page.is_complete) == (expected, True)


@pytest.mark.slow
@pytest.mark.redis
def test_a_process_that_is_stopped(two_services: list[Service], expected: str) -> None:
    """It sends its browsers away with a hint, writes their answers to the end, and another process delivers them."""
    first, second = two_services
    page = Page()
    with connected(_address(first), page) as parts:
        _read_some(parts, page)
        page.retry = 0
        first.interrupt()
        list(parts)
    assert not page.ended
    assert page.retry == 1000
    with connected(_address(second), page) as parts:
        list(parts)
    assert (page.text, page.is_complete) == (expected, True)
    first.ended()
