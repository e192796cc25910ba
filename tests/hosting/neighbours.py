"""A program that streams by our clients beside openai and anthropic, all of them on the same clients of httpx2.

``nox --session neighbours`` runs it where nothing but these is installed. It needs no pytest.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import anthropic
import httpx2
import openai

from gpo_client import GPOCoreClient, SyncGPOCoreClient
from gpo_sandbox import running_sandbox
from tests.support.events import stream_answer
from tests.support.wire import WireServer

WHO: dict[str, Any] = {"instance_id": "advisory-001", "user_id": "user-1"}
QUESTION: dict[str, Any] = {"query": "What is PTU?"}
_OF_OPENAI = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
_DELTA = {"index": 0, "delta": {"content": "Mexico"}, "finish_reason": None}
_OF_ANTHROPIC = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Mexico"}}
THEIRS = stream_answer(b"data: %s\n\ndata: [DONE]\n\n" % json.dumps({**_OF_OPENAI, "choices": [_DELTA]}).encode())
THEIRS_TOO = stream_answer(b"event: content_block_delta\ndata: %s\n\n" % json.dumps(_OF_ANTHROPIC).encode())


def ask_ours(base_url: str, http: httpx2.Client | None) -> str:
    """Stream by the blocking client; None: on its own connections."""
    with SyncGPOCoreClient(base_url=base_url, http_client=http) as client:
        return client.chat_stream(client.session(WHO), QUESTION).collect().content


def ask_theirs(base_url: str, http: httpx2.Client) -> str:
    """Stream by the two others; what they say, joined."""
    question: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Where?"}], "stream": True}
    # Any: of what their streams may hold, these hold one kind; and where neither is installed nobody knows its types.
    one: Any = openai.OpenAI(base_url=base_url, api_key="k", http_client=http, max_retries=0)
    said = [each.choices[0].delta.content for each in one.chat.completions.create(**question)]
    other: Any = anthropic.Anthropic(base_url=base_url, api_key="k", http_client=http, max_retries=0)
    said += [each.delta.text for each in other.messages.create(max_tokens=9, **question)]
    return "".join(said)


async def ask_asynchronously(base_url: str) -> list[str]:
    """Stream by the asynchronous client, on a given client and on its own connections."""
    said = []
    async with httpx2.AsyncClient() as http:
        for given in (http, None):
            async with GPOCoreClient(base_url=base_url, http_client=given) as client:
                said.append((await client.chat_stream(await client.session(WHO), QUESTION).collect()).content)
    return said


def main() -> None:
    """Run all of them, ours before and after theirs."""
    with httpx2.Client() as http, WireServer(THEIRS, THEIRS_TOO) as server, running_sandbox(chunk_delay_s=0) as sandbox:
        said = [ask_ours(sandbox.base_url, http)]
        theirs = ask_theirs(server.base_url, http)
        said += [ask_ours(sandbox.base_url, http), ask_ours(sandbox.base_url, None)]
        said += asyncio.run(ask_asynchronously(sandbox.base_url))
    assert theirs == "MexicoMexico", theirs
    assert said[0].startswith("Here is what"), said[0]
    assert said == said[:1] * 5
    versions = f"openai {openai.__version__}, anthropic {anthropic.__version__}"
    print(f"{len(said)} streams of ours, 2 of theirs, with {versions}")


if __name__ == "__main__":
    main()
