"""The conversation that is recorded and replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
