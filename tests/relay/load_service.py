"""The services of the load run, for uvicorn: an upstream whose answers say where each chunk belongs, and a relay.

``PAUSE_S`` is the time between two chunks, ``UPSTREAM`` the address of the upstream, ``REDIS`` that of a log that
processes share; without it, the log is in memory. ``/state`` says what a process holds.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import redis.asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gpo_client import GPOCoreClient
from gpo_client.relay import LogUnavailable, MemoryRelayLog, RedisRelayLog, Relay, RelayLog, RelayOptions, sse_response
from tests.relay.conftest import CONTEXT
from tests.support.events import TEXT_EVENT_STREAM, answer_events

CHUNKS = 80
#: A question that is answered at once.
FIRST = "first"
_ANSWERS_AT_ONCE = 1000
_KEPT_S = 8.0


def texts_of(question: str) -> list[str]:
    """The chunks of the answer to a question: each says whose it is, and which."""
    return [f"{question}:{number} " for number in range(CHUNKS)]


async def answer(request: Request) -> Response:
    """Stream an answer, over a connection of its own."""
    question = json.loads(await request.body())["query"]
    pause_s = 0.0 if question == FIRST else float(os.environ["PAUSE_S"])

    async def events() -> AsyncIterator[bytes]:
        for event in answer_events(*texts_of(question)):
            yield event
            await asyncio.sleep(pause_s)

    return StreamingResponse(events(), headers={**TEXT_EVENT_STREAM, "Connection": "close"})


upstream = Starlette(routes=[Route("/api/Chat", answer, methods=["POST"])])


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """A client and a relay, whose log keeps no answer for long, so that a run can see it go."""
    async with AsyncExitStack() as stack:
        log: RelayLog = MemoryRelayLog(retention_s=_KEPT_S)
        if address := os.environ.get("REDIS"):
            connections = await stack.enter_async_context(redis.asyncio.Redis.from_url(address, max_connections=1))
            log = RedisRelayLog(connections, retention_s=_KEPT_S)
        client = GPOCoreClient(base_url=os.environ["UPSTREAM"], max_connections=_ANSWERS_AT_ONCE)
        app.state.client = await stack.enter_async_context(client)
        relay = Relay(RelayOptions(max_running=_ANSWERS_AT_ONCE, retry_ms=100), log=log)
        app.state.relay = await stack.enter_async_context(relay)
        yield


async def ask(request: Request) -> Response:
    """Relay an answer."""
    stream = request.app.state.client.chat_stream(CONTEXT, {"query": request.query_params["query"]})
    return sse_response(stream, relay=request.app.state.relay)


async def state(request: Request) -> Response:
    """Tell what this process holds."""
    relay: Relay = request.app.state.relay
    with suppress(LogUnavailable):
        await relay.log.owner("nobody's-answer-at-all")  # old answers go when the log is used
    return JSONResponse({"tasks": len(asyncio.all_tasks()), "running": relay.running, **_held()})


def _held() -> dict[str, float]:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "objects": len(gc.get_objects()),
        "mib": pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20),
    }


app = Starlette(routes=[Route("/ask", ask), Route("/state", state)], lifespan=lifespan)
