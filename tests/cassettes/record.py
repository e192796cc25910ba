"""Records the cassettes again: ``make cassettes``.

Ids, tokens and times of the sandbox are fixed, so that recording the same conversation gives the same bytes.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from gpo_client.testing import recorded
from gpo_sandbox import running_sandbox
from tests.support.runtimes import make_client

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
RUNTIMES = {"sync": FOLDER / "conversation-sync.yaml", "asyncio": FOLDER / "conversation-async.yaml"}
# 1 November 2026
_NOW_S = 1_793_534_400.0
_SECRETS = ("gpo_sandbox.middleware", "gpo_sandbox.store.database", "gpo_sandbox.store.sessions")


@contextmanager
def fixed_ids_and_times() -> Iterator[None]:
    """Count ids and tokens, and stop the clock, in the sandbox alone."""
    numbers = itertools.count(1)
    counted = SimpleNamespace(
        token_hex=lambda size: f"{next(numbers):0{2 * size}x}",
        token_urlsafe=lambda size: f"t0k3n-{next(numbers):0{size}}",
    )
    with ExitStack() as stack:
        for module in _SECRETS:
            stack.enter_context(mock.patch(f"{module}.secrets", counted))
        stack.enter_context(mock.patch("gpo_sandbox.store.database.time", SimpleNamespace(time=lambda: _NOW_S)))
        yield


async def record(runtime: str, path: Path) -> None:
    """Record the conversation as one of the clients has it."""
    with (
        fixed_ids_and_times(),
        running_sandbox(chunk_delay_s=0) as sandbox,
        tempfile.TemporaryDirectory() as folder,
        recorded(path, record_mode="all"),
    ):
        async with make_client(runtime, base_url=sandbox.base_url) as client:
            await talk(client, Path(folder))


def main(folder: str = str(FOLDER)) -> None:
    """Record all cassettes into a folder."""
    for runtime, committed in RUNTIMES.items():
        path = Path(folder) / committed.name
        path.unlink(missing_ok=True)
        asyncio.run(record(runtime, path))


QUESTION = "What is RESICO?"


async def talk(client: Any, folder: Path) -> dict[str, Any]:
    """Everything from the session to the logout; returns what the service said.

    Args:
        client: An asynchronous client, or what looks like one.
        folder: Where to download a document to.
    """
    conversation = await client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
    context = conversation.context
    whole = await conversation.ask(QUESTION)
    async with conversation.stream(QUESTION) as stream:
        chunks = [chunk async for chunk in stream]
    messages = await conversation.messages()
    documents = await client.list_documents(context, page_size=3)
    saved = await client.download_document(context, documents.items[0].document_id, folder)
    await client.logout(context)
    return {
        "conversation": context.conversation_id,
        "whole": whole.message_content,
        "chunks": [chunk.content for chunk in chunks if chunk.content],
        "sources": [source.title for chunk in chunks for source in chunk.sources or []],
        "complete": chunks[-1].is_complete,
        "messages": [(message.role, message.content) for message in messages.items],
        "documents": [document.title for document in documents.items],
        "saved": saved.path.read_bytes(),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
