"""What a user's program does with the installed package; run by test_wheel.py in an environment of its own."""

import asyncio
import importlib.util
import json
import sys
from typing import Any

import gpo_client
import gpo_core_client

WHO: dict[str, Any] = {"instance_id": "advisory-001", "user_id": "user-1"}
QUESTION = "Which tax incentives are there for research and development?"


def stream_blocking() -> gpo_client.StreamedResponse:
    """Stream with the blocking client; its address comes from the environment."""
    with gpo_client.SyncGPOCoreClient() as client:
        return client.open_conversation(WHO).stream(QUESTION).collect()


async def stream_async() -> gpo_client.StreamedResponse:
    """Stream with the asynchronous client."""
    async with gpo_client.GPOCoreClient() as client:
        conversation = await client.open_conversation(WHO)
        return await conversation.stream(QUESTION).collect()


def without_extra(room: str) -> str:
    """What importing a room without its extra says."""
    try:
        importlib.import_module(f"gpo_client.{room}")
    except ImportError as error:
        return str(error)
    return "it could be imported"


def main() -> None:
    """Report on standard output."""
    answers = [stream_blocking(), asyncio.run(stream_async())]
    report = {
        "version": gpo_client.__version__,
        "files": [gpo_client.__file__, gpo_core_client.__file__],
        "contents": [answer.content for answer in answers],
        "complete": [answer.is_complete for answer in answers],
        "sources": [[source.title for source in answer.sources] for answer in answers],
        "without_extras": {room: without_extra(room) for room in ("sandbox", "relay", "playground", "otel")},
        "unasked": [name for name in ("starlette", "uvicorn", "pytest") if importlib.util.find_spec(name)],
    }
    json.dump(report, sys.stdout)


main()
