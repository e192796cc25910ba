"""A service that relays answers, on a real server."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import websockets.sync.client as websockets_client
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from gpo_client import GPOCoreClient
from gpo_client.relay import (
    Relay,
    RelayLog,
    RelayOptions,
    sse_response,
    ui_message_response,
    websocket_chat,
)
from tests.relay.conftest import CONTEXT
from tests.support.asgi import serving
from tests.support.wire import ONE_TRY, Answer, Received, WireServer


def closing(client: GPOCoreClient) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with client:
            yield

    return lifespan


class Service:
    """A service with both endpoints, in front of a server that follows a script."""

    def __init__(self, upstream: WireServer, relay: Relay, middleware: Sequence[Middleware]) -> None:
        self.upstream = upstream
        self.relay = relay
        self.client = GPOCoreClient(base_url=upstream.base_url, **ONE_TRY)
        self.base_url = ""
        routes = [Route("/sse", self.sse), WebSocketRoute("/ws", self.chat)]
        self.app = Starlette(routes=routes, middleware=middleware, lifespan=closing(self.client))

    async def sse(self, _: Request) -> Response:
        return sse_response(self.client.chat_stream(CONTEXT, {"query": "?"}), relay=self.relay)

    async def chat(self, websocket: WebSocket) -> None:
        await websocket_chat(websocket, self.client, context=CONTEXT, relay=self.relay)

    @contextmanager
    def connect(self, **options: Any) -> Generator[websockets_client.ClientConnection]:
        address = self.base_url.replace("http", "ws") + "/ws"
        with websockets_client.connect(address, proxy=None, **options) as socket:
            yield socket


@contextmanager
def running(*script: Answer, middleware: Sequence[Middleware] = (), **options: Any) -> Generator[Service]:
    """Serve it.

    Args:
        script: The answers of the GPO API.
        middleware: What stands around the endpoints.
        options: The relay's settings.
    """
    with WireServer(*script) as upstream:
        service = Service(upstream, Relay(RelayOptions(**options)), middleware)
        with serving(service.app) as base_url:
            service.base_url = base_url
            yield service


@contextmanager
def chatting(
    *script: Answer, then: Callable[[Received], Answer] | None = None, log: RelayLog | None = None, **options: Any
) -> Generator[tuple[str, WireServer]]:
    """A service with the two endpoints of a chat; yields their address, and the GPO API behind them."""
    with WireServer(*script, then=then) as upstream:
        client, relay = GPOCoreClient(base_url=upstream.base_url, **ONE_TRY), Relay(RelayOptions(**options), log=log)

        async def chat(request: Request) -> Response:
            asked = await request.json()
            stream = client.chat_stream(CONTEXT, {"query": "?"})
            return ui_message_response(stream, chat_id=asked["id"], relay=relay, owner=asked.get("user", ""))

        async def resume(request: Request) -> Response:
            owner = request.query_params.get("user", "")
            return ui_message_response(None, chat_id=request.path_params["id"], relay=relay, owner=owner)

        routes = [Route("/api/chat", chat, methods=["POST"]), Route("/api/chat/{id}/stream", resume)]
        with serving(Starlette(routes=routes, lifespan=closing(client))) as address:
            yield f"{address}/api/chat", upstream
