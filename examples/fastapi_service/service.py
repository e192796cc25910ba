"""A web service that relays answers to browsers, over server-sent events and over WebSockets.

    python examples/fastapi_service/service.py --sandbox

serves a page on http://127.0.0.1:8000, with a sandbox behind it. README.md says how to run it against your own GPO
Core API, and with several processes.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query, WebSocket
from fastapi.responses import FileResponse
from starlette.requests import HTTPConnection
from starlette.responses import Response

from gpo_client import ChatContext, GPOClientError, GPOCoreClient, NotFoundError, Session
from gpo_client.relay import Relay, RelayOptions, sse_response, websocket_chat

PAGE = Path(__file__).with_name("page.html")
OPTIONS = RelayOptions(max_query_chars=2000)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """One client and one relay for the whole service, closed when it ends."""
    async with AsyncExitStack() as stack:
        app.state.client = await stack.enter_async_context(GPOCoreClient(auto_renew_token=True))
        app.state.relay = await stack.enter_async_context(await _make_relay(stack))
        app.state.sessions = dict[str, Session]()
        yield


async def _make_relay(stack: AsyncExitStack) -> Relay:
    """Return a relay; with Redis, if there is one, browsers may come back to any process."""
    address = os.environ.get("REDIS_URL")
    if not address:
        return Relay(OPTIONS)
    from redis.asyncio import Redis

    from gpo_client.relay import RedisRelayLog

    redis = await stack.enter_async_context(Redis.from_url(address))
    return Relay(OPTIONS, log=RedisRelayLog(redis))


app = FastAPI(title="Questions about taxes", lifespan=lifespan)


def get_client(connection: HTTPConnection) -> GPOCoreClient:
    """Return the service's client; tests may put another in its place."""
    client: GPOCoreClient = connection.app.state.client
    return client


def get_relay(connection: HTTPConnection) -> Relay:
    """Return the service's relay."""
    relay: Relay = connection.app.state.relay
    return relay


def get_user() -> str:
    """Who asks. A real service takes it from its own sign-in, never from what the page says."""
    return "demo-user"


Client = Annotated[GPOCoreClient, Depends(get_client)]
TheRelay = Annotated[Relay, Depends(get_relay)]
User = Annotated[str, Depends(get_user)]
Question = Annotated[str, Query(min_length=1, max_length=OPTIONS.max_query_chars)]


async def get_context(connection: HTTPConnection, client: Client, user: User) -> ChatContext:
    """Return the user's session with the GPO Core API. Its token stays in the service."""
    sessions: dict[str, Session] = connection.app.state.sessions
    if user not in sessions:
        sessions[user] = await client.session({"instance_id": "fastapi-service", "user_id": user})
    return sessions[user].chat_context()


Context = Annotated[ChatContext, Depends(get_context)]


def in_conversation(context: ChatContext, conversation_id: str | None) -> ChatContext:
    """Return the same session in a conversation; the GPO Core API checks that it is the user's own."""
    return ChatContext(session_id=context.session_id, token=context.token, conversation_id=conversation_id)


@app.post("/api/chat/conversations")
async def start_conversation(client: Client, context: Context) -> dict[str, str]:
    """Begin a conversation."""
    try:
        conversation = await client.start_conversation(context)
    except GPOClientError as error:
        raise HTTPException(502, "The assistant cannot be reached at the moment.") from error
    return {"conversation_id": conversation.conversation_id}


@app.get("/api/chat/stream-http", response_class=Response)
async def stream_http(
    *,
    query: Question,
    client: Client,
    relay: TheRelay,
    context: Context,
    user: User,
    conversation_id: str | None = None,
) -> Response:
    """Answer a question as server-sent events."""
    stream = client.chat_stream(in_conversation(context, conversation_id), {"query": query})
    return sse_response(stream, relay=relay, owner=user)


@app.websocket("/api/chat/stream")
async def stream(websocket: WebSocket, client: Client, relay: TheRelay, context: Context, user: User) -> None:
    """Answer a question over a WebSocket."""
    await websocket_chat(websocket, client, context=context, relay=relay, owner=user)


@app.get("/api/chat/conversations/{conversation_id}")
async def messages(conversation_id: str, client: Client, context: Context) -> list[dict[str, str | None]]:
    """Show what was said in a conversation."""
    try:
        page = await client.list_messages(in_conversation(context, conversation_id))
        return [{"role": message.role, "content": message.content} async for message in page]
    except NotFoundError as error:
        raise HTTPException(404, "There is no such conversation.") from error


@app.get("/")
async def page() -> FileResponse:
    """Show a page to ask on."""
    return FileResponse(PAGE)


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve answers to browsers.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--sandbox", action="store_true", help="run a sandbox of the GPO Core API, and ask that")
    arguments = parser.parse_args()
    with _sandbox() if arguments.sandbox else nullcontext():
        # Answers that are being written when the service is stopped have ten seconds to come to their end.
        uvicorn.run(app, port=arguments.port, timeout_graceful_shutdown=10, ws_per_message_deflate=False)


@contextmanager
def _sandbox() -> Iterator[None]:
    from gpo_client.sandbox import running_sandbox

    with running_sandbox() as sandbox:
        os.environ["GPO_API_BASE_URL"] = sandbox.base_url
        yield


if __name__ == "__main__":
    main()
