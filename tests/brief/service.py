"""A small web service as an application would write it: questions in, answers streamed on to browsers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse

from gpo_client import ChatContext, GPOClientError, GPOCoreClient, StreamingChunk
from tests.support import asgi


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


@contextmanager
def serving(app: FastAPI) -> Generator[str]:
    """Serve an application on the loopback interface while the block lasts; the value is its host and port."""
    with asgi.serving(app) as address:
        yield address.removeprefix("http://")
