"""Doors on a real server, in front of a sandbox or of a server that follows a script."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import anyio
import attrs
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from gpo_client import GPOCoreClient, SyncGPOCoreClient
from gpo_client.doors import mcp_app, openai_app
from tests.support.asgi import serving
from tests.support.events import answer_events, conversation, json_answer, session, source, stream_answer
from tests.support.wire import ONE_TRY, Answer, End, WireServer

KEY = "sk-test-0123456789"
INSTANCE = "advisory-001"
#: A caller that knows nothing but HTTP. It keeps no connection, and makes no TLS context for each request.
HTTP = httpx.Client(verify=False, limits=httpx.Limits(max_keepalive_connections=0), timeout=60)
QUESTION = "Which tax incentives are there for research and development?"


@pytest.fixture
def anyio_backend() -> str:
    """The doors' own servers run on asyncio, in threads; tests of them need one runtime only."""
    return "asyncio"


@attrs.frozen
class Door:
    """A door that is being served.

    Attributes:
        address: Where, without a slash at the end.
        app: What is served there.
    """

    address: str
    app: Any


@attrs.frozen
class ScriptedDoor(Door):
    """A door in front of a server that follows a script."""

    upstream: WireServer

    @property
    def asked(self) -> list[Any]:
        """The questions that have come to it."""
        return [request.json for request in self.upstream.requests if request.target == "/api/Chat"]


@contextmanager
def opened(base_url: str, make: Callable[[GPOCoreClient], Any], *, below: str = "", **options: Any) -> Generator[Door]:
    """Serve what ``make`` makes of a client of ``base_url``, as the whole application or mounted below a path."""
    client = GPOCoreClient(base_url=base_url, **options)
    app = make(client)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with client, app.router.lifespan_context(app):
            yield

    with serving(Starlette(routes=[Mount(below or "/", app)], lifespan=lifespan)) as address:
        yield Door(address + below, app)


@contextmanager
def scripted(
    *script: Answer, make: Callable[[GPOCoreClient], Any], opening: int = 1, **options: Any
) -> Generator[ScriptedDoor]:
    """Serve it in front of a script, which begins with a session and ``opening`` conversations."""
    begin = [json_answer(session()), *(json_answer(conversation()) for _ in range(opening))]
    with WireServer(*begin, *script) as upstream, opened(upstream.base_url, make, **{**ONE_TRY, **options}) as door:
        yield ScriptedDoor(door.address, door.app, upstream)


def openai(**options: Any) -> Callable[[GPOCoreClient], Any]:
    """Make the door for OpenAI's protocol."""
    return lambda client: openai_app(client, **{"keys": [KEY], "instance_id": INSTANCE, **options})


@pytest.fixture
def openai_door(sandbox: Any) -> Generator[Door]:
    """The door for OpenAI's protocol, in front of a sandbox."""
    with opened(sandbox.base_url, openai()) as door:
        yield door


#: Settings of a client that goes on where its connection broke.
RESUMING: dict[str, Any] = {"max_resumes": 1, "retry_backoff_factor": 0}


def broken_answer() -> list[Answer]:
    """An answer whose connection breaks after the second of its three words, and the rest of it."""
    events = answer_events("Zero ", "one ", "two.")
    return [stream_answer(*events[:2], end=End.RESET), stream_answer(*events[2:])]


@contextmanager
def scripted_client(*script: Answer, **options: Any) -> Generator[tuple[SyncGPOCoreClient, dict[str, Any], WireServer]]:
    """A blocking client of a script, a context for it, and the server."""
    options = {**ONE_TRY, **options}
    with WireServer(*script) as server, SyncGPOCoreClient(base_url=server.base_url, **options) as client:
        yield client, {"session_id": "session-1", "token": "t0k3n"}, server


def agents(client: GPOCoreClient) -> Any:
    """Make the door for agents."""
    return mcp_app(client, keys=[KEY], instance_id=INSTANCE)


HEADERS = {"Authorization": f"Bearer {KEY}"}
TEXTS = ["Zero [1", "], and ", "`[2]` one [2]", "."]
SOURCES = [source("a", title="VAT Act", url="https://example.com/vat"), source("b", document_id="doc/é", url=None)]
#: How front ends begin to ask for titles and the like, and the field that they want it in.
CHORES = {
    "title": ("Generate a concise, 3-5 word title with an emoji summarizing the chat history.", "title"),
    "tags": ("Generate 1-3 broad tags categorizing the main themes of the chat history.", "tags"),
    "follow-ups": ("Suggest 3-5 relevant follow-up questions or prompts.", "follow_ups"),
    "next messages": ("Predict 3-5 useful messages this user might naturally send next.", "follow_ups"),
    "queries": ("Analyze the chat history to determine the necessity of generating search queries", "queries"),
    "completion": ("You are an autocompletion system. Continue the text in `<text>`.", "text"),
}


def chore(name: str) -> tuple[str, str]:
    """The prompt of a chore, and the field."""
    task, field = CHORES[name]
    history = "<chat_history>\nUSER: What is RESICO?\nASSISTANT: …\n</chat_history>"
    return f'### Task:\n{task}\n### Output:\nJSON format: {{ "{field}": "…" }}\n### Chat History:\n{history}', field


def error(response: httpx.Response) -> tuple[int, str, str | None]:
    told = response.json()["error"]
    assert told.keys() == {"message", "type", "param", "code"}
    return response.status_code, told["code"], told["param"]


def body(*said: str, **fields: Any) -> dict[str, Any]:
    """A request; the user and the assistant take turns."""
    messages = [{"role": ("user", "assistant")[index % 2], "content": text} for index, text in enumerate(said)]
    return {"model": "gpo", "messages": messages, **fields}


def ask(door: Door, *said: str, headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
    """Ask for a completion."""
    request = body(*(said or (QUESTION,)), **fields)
    return HTTP.post(f"{door.address}/v1/chat/completions", json=request, headers={**HEADERS, **(headers or {})})


async def served(app: Any, path: str, *arriving: Any, send: Callable[[Any], Awaitable[None]]) -> None:
    """Serve a request without a server: what arrives of it is given out in its order, and then nothing more."""
    left = list(arriving)

    async def receive() -> Any:
        return left.pop(0) if left else await anyio.sleep_forever()

    headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
    await app({**scope, "server": ("127.0.0.1", 1), "scheme": "http"}, receive, send)


def arriving(**request: Any) -> dict[str, Any]:
    """A request that arrives in one piece."""
    return {"type": "http.request", "body": json.dumps(request).encode()}
