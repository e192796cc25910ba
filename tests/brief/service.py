"""A small web service as an application would write it: questions in, answers streamed on to browsers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse

from gpo_client import ChatContext, GPOClientError, GPOCoreClient, StreamingChunk


def create_service(**options: Any) -> FastAPI:
    """The service.

    Args:
        options: Settings of the client that it asks with; one client for all its visitors.
    """
    client = GPOCoreClient(**options)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with client:
            yield

    service = FastAPI(lifespan=lifespan)

    @service.websocket("/ask")
    async def ask(browser: WebSocket) -> None:
        await browser.accept()
        try:
            question = await browser.receive_json()
            async with client.chat_stream(_context(question), {"query": question["text"]}) as stream:
                async for chunk in stream:
                    await browser.send_json(_shown(chunk))
        except WebSocketDisconnect:
            return
        except GPOClientError as error:
            await browser.send_json({"error": str(error)})
        await browser.close()

    @service.get("/ask")
    async def ask_by_http(text: str, session: str, conversation: str, token: str) -> StreamingResponse:
        context = _context({"session": session, "conversation": conversation, "token": token})

        async def events() -> AsyncIterator[str]:
            try:
                async with client.chat_stream(context, {"query": text}) as stream:
                    async for chunk in stream:
                        yield f"data: {json.dumps(_shown(chunk))}\n\n"
            except GPOClientError as error:
                yield f"data: {json.dumps({'error': str(error)})}\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    return service


def _context(question: dict[str, str]) -> ChatContext:
    return ChatContext(
        session_id=question["session"], token=question["token"], conversation_id=question["conversation"]
    )


def _shown(chunk: StreamingChunk) -> dict[str, Any]:
    sources = [{"title": source.title, "relevance": source.relevance_score} for source in chunk.sources or []]
    return {"text": chunk.content or "", "sources": sources, "done": chunk.is_complete}


class _Server(uvicorn.Server):
    def __init__(self, app: FastAPI, on_ready: Callable[[], None]) -> None:
        super().__init__(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=5))
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()


@contextmanager
def serving(app: FastAPI) -> Generator[str]:
    """Serve an application on the loopback interface while the block lasts; the value is its host and port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ready = threading.Event()
        server = _Server(app, ready.set)
        thread = threading.Thread(target=server.run, args=([listener],), name="web-service")
        thread.start()
        try:
            assert ready.wait(20), "the service does not start"
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
