"""A service for a page that uses the AI SDK: answers that survive a reload of the page, from whichever process."""

from __future__ import annotations

import argparse
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.staticfiles import StaticFiles

from gpo_client import GPOCoreClient
from gpo_client.models.requests import SessionContextDict
from gpo_client.relay import MemoryRelayLog, Relay, RelayLog, ui_message_response

# One visitor only. A real service knows from its sign-in who asks.
VISITOR: SessionContextDict = {"instance_id": "advisory-001", "user_id": "visitor-1"}


def create_app(log: RelayLog, page: Path) -> FastAPI:
    """Make the service.

    Args:
        log: Where running answers are kept.
        page: The folder of the built page.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with GPOCoreClient(auto_renew_token=True) as client, Relay(log=log) as relay:
            app.state.client, app.state.relay = client, relay
            app.state.session = await client.session(VISITOR)
            yield

    app = FastAPI(lifespan=lifespan)
    state = app.state

    @app.post("/api/chats")
    async def begin() -> dict[str, str]:
        return {"id": (await state.client.start_conversation(state.session)).conversation_id}

    @app.get("/api/chat/{chat_id}/messages")
    async def messages(chat_id: str) -> list[dict[str, Any]]:
        said = await state.client.list_messages(state.session, chat_id, page_size=100)
        return [
            {"id": each.message_id, "role": each.role, "parts": [{"type": "text", "text": each.content}]}
            async for each in said
        ]

    @app.post("/api/chat")
    async def chat(request: Request) -> Response:
        asked = await request.json()
        query = "".join(part.get("text", "") for part in asked["messages"][-1]["parts"])
        stream = state.client.chat_stream(state.session.chat_context(asked["id"]), {"query": query})
        return ui_message_response(stream, chat_id=asked["id"], relay=state.relay, owner=VISITOR["user_id"])

    @app.get("/api/chat/{chat_id}/stream")
    async def resume(chat_id: str) -> Response:
        return ui_message_response(None, chat_id=chat_id, relay=state.relay, owner=VISITOR["user_id"])

    @app.post("/api/answers/{answer_id}/stop", status_code=204)
    async def stop(answer_id: str) -> None:
        await state.relay.stop(f"{answer_id}:0", owner=VISITOR["user_id"])

    app.mount("/", StaticFiles(directory=page, html=True))
    return app


def main() -> None:
    """Run it until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8780)
    parser.add_argument("--page", type=Path, default=Path(__file__).parent / "dist", help="the built page")
    parser.add_argument("--redis", help="the address of a Redis that several processes share")
    parser.add_argument("--sandbox", action="store_true", help="run a sandbox as the GPO API")
    chosen = parser.parse_args()
    if not chosen.page.is_dir():
        parser.error(f"there is no page in {chosen.page} yet: make react-chat builds it and runs it")
    log: RelayLog = MemoryRelayLog()
    if chosen.redis:
        from redis.asyncio import Redis

        from gpo_client.relay import RedisRelayLog

        log = RedisRelayLog(Redis.from_url(chosen.redis))
    with ExitStack() as stack:
        if chosen.sandbox:
            import os

            from gpo_client.sandbox import running_sandbox

            os.environ["GPO_API_BASE_URL"] = stack.enter_context(running_sandbox()).base_url
        print(f"http://127.0.0.1:{chosen.port}")
        uvicorn.run(create_app(log, chosen.page), port=chosen.port, log_level="warning", timeout_graceful_shutdown=30)


if __name__ == "__main__":
    main()
