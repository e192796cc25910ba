"""The services of the part ``relay``: each passes the server's chunks on to browsers, in its own way, under uvicorn.

    python -m bench.relay_service SUBJECT SERVER

The first line of its output is its address; ``/cpu`` says how many seconds of CPU it has taken; it ends when its input
does. Redis, where it is needed, is a server of its own that ends with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from bench.clients.ours import CONTEXT, Asynchronous
from bench.machine import allow_many_sockets
from bench.measures.relay import DOORS
from gpo_client.relay import MemoryRelayLog, Relay, RelayOptions, sse_response, ui_message_response, websocket_chat

Endpoint = Callable[[Request], Awaitable[Response]]
_MOST = 2000


def raw(server: str) -> Endpoint:
    """httpx, byte for byte: the least that a service can do."""
    limits = httpx.Limits(max_connections=_MOST, max_keepalive_connections=_MOST)
    client = httpx.AsyncClient(base_url=server, limits=limits, timeout=60)

    async def passthrough(query: str) -> AsyncIterator[bytes]:
        async with client.stream("POST", "/api/Chat", json={"query": query, "stream": True}) as response:
            async for data in response.aiter_raw():
                yield data

    async def endpoint(request: Request) -> Response:
        return StreamingResponse(passthrough(request.query_params["query"]), media_type="text/event-stream")

    return endpoint


class _Bytes(asyncio.Protocol):
    """What the network brings, read by read."""

    def __init__(self) -> None:
        self.reads: asyncio.Queue[bytes] = asyncio.Queue()

    def data_received(self, data: bytes) -> None:
        self.reads.put_nowait(data)


class Bare:
    """An ASGI application that passes on what each read brings, head and framing too, and looks at nothing.

    Args:
        server: Whom to ask.
    """

    def __init__(self, server: str) -> None:
        self._host, _, self._port = server.removeprefix("http://").partition(":")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a browser, over HTTP or a WebSocket."""
        if is_socket := scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            body = (await receive())["text"].encode()
        else:
            body = json.dumps({"query": Request(scope).query_params["query"]}).encode()
            await send({"type": "http.response.start", "status": 200, "headers": []})
        connecting = asyncio.get_running_loop().create_connection(_Bytes, self._host, int(self._port))
        transport, upstream = await connecting
        transport.write(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        is_last = False
        while not is_last:
            data = await upstream.reads.get()
            is_last = data.endswith(b"0\r\n\r\n")
            if is_socket:
                await send({"type": "websocket.send", "bytes": data})
            else:
                await send({"type": "http.response.body", "body": data, "more_body": not is_last})
        transport.close()
        if is_socket:
            await send({"type": "websocket.close"})


def document(server: str) -> Endpoint:
    """The endpoint of the user's document, with one client for all requests."""
    ours = Asynchronous(server)

    async def generate(query: str) -> AsyncIterator[str]:
        async for chunk in ours.stream(query):
            if chunk.content:
                yield f"data: {json.dumps({'content': chunk.content})}\n\n"
            if chunk.is_complete:
                sources = [{"title": each.title, "relevance": each.relevance_score} for each in chunk.sources or ()]
                yield f"data: {json.dumps({'is_complete': True, 'sources': sources})}\n\n"

    async def endpoint(request: Request) -> Response:
        return StreamingResponse(generate(request.query_params["query"]), media_type="text/event-stream")

    return endpoint


def openai(server: str) -> Endpoint:
    """openai-python's loop in sse-starlette's response."""
    from sse_starlette import EventSourceResponse

    from bench.clients import peers

    peer = peers.Asynchronous(server, library="openai")

    async def generate(query: str) -> AsyncIterator[dict[str, str]]:
        async with peer.stream(query) as chunks:
            chunk: Any
            async for chunk in chunks:
                yield {"data": chunk.model_dump_json()}

    async def endpoint(request: Request) -> Response:
        return EventSourceResponse(generate(request.query_params["query"]))

    return endpoint


def relayed(server: str, relay: Relay) -> tuple[Endpoint, Callable[[WebSocket], Awaitable[None]]]:
    """Our relay: as an event stream, and as a WebSocket."""
    ours = Asynchronous(server)

    async def endpoint(request: Request) -> Response:
        return sse_response(ours.stream(request.query_params["query"]), relay=relay)

    async def chat(websocket: WebSocket) -> None:
        await websocket_chat(websocket, ours.client, context=CONTEXT, relay=relay)

    return endpoint, chat


def doors(server: str) -> dict[str, Endpoint]:
    """Our relay behind the doors: the protocols that they write, without keys, sessions and conversations."""
    from gpo_client.doors.chats import ChatNames
    from gpo_client.doors.openai.completions import Completion
    from gpo_client.doors.openai.endpoint import AnswerResponse
    from gpo_client.doors.openai.responses import ResponseObject
    from gpo_client.doors.openai.turns import Asked, Written

    ours, relay = Asynchronous(server), Relay(RelayOptions(max_running=_MOST))

    async def ended(*_: object) -> None: ...

    chat: Any = SimpleNamespace(user="", ended=ended)

    def door(write: type[Written]) -> Endpoint:
        async def endpoint(request: Request) -> Any:
            asked = Asked("gpo", request.query_params["query"], ChatNames(()), is_streamed=True)
            written = write("answer_1", asked, lambda source: source.url or "", 0)
            return AnswerResponse(ours.stream(asked.question), relay, chat, written, contextlib.ExitStack())

        return endpoint

    async def ui_messages(request: Request) -> Response:
        return ui_message_response(ours.stream(request.query_params["query"]), relay=relay)

    return {"completions": door(Completion), "responses": door(ResponseObject), "ui messages": ui_messages}


def application(subject: str, server: str, redis: str) -> Starlette:
    """The service for a subject."""

    async def cpu(_: Request) -> Response:
        return PlainTextResponse(str(time.process_time()))

    if subject in ("memory", "websocket", "redis"):
        log: Any = MemoryRelayLog()
        if subject == "redis":
            from redis.asyncio import Redis

            from gpo_client.relay import RedisRelayLog

            log = RedisRelayLog(Redis.from_url(redis))
        endpoint, chat = relayed(server, Relay(RelayOptions(max_running=_MOST), log=log))
        routes = [Route("/sse", endpoint), WebSocketRoute("/ws", chat)]
    elif subject.startswith("bare"):
        routes = [Route("/sse", Bare(server)), WebSocketRoute("/ws", Bare(server))]
    elif subject in DOORS:
        routes = [Route("/sse", doors(server)[subject])]
    else:
        routes = [Route("/sse", {"raw": raw, "document": document, "openai": openai}[subject](server))]
    return Starlette(routes=[*routes, Route("/cpu", cpu)])


@contextlib.contextmanager
def _redis(folder: str) -> Any:
    path = f"{folder}/redis.sock"
    arguments = ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--logfile", f"{folder}/log"]
    with subprocess.Popen(arguments) as process:
        while not Path(path).exists():
            time.sleep(0.05)
        yield f"unix://{path}"
        process.kill()


async def _serve(subject: str, server: str, redis: str) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=_MOST)
    how: Any = {"log_level": "error", "lifespan": "off", "ws_per_message_deflate": False}  # as docs/relay.md says
    config = uvicorn.Config(application(subject, server, redis), **how)
    serving = asyncio.create_task(uvicorn.Server(config).serve([listener]))
    sys.stdout.write(f"127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    serving.cancel()


def main() -> None:
    """Serve until the input ends."""
    import uvloop

    allow_many_sockets()
    subject, server = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        redis = stack.enter_context(_redis(folder)) if subject == "redis" else ""
        uvloop.run(_serve(subject, server, redis))


if __name__ == "__main__":
    main()
