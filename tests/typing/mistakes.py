"""What type checkers must object to. Nobody runs this file: mypy --strict and pyright read it.

Each ``type: ignore`` marks a line that must be an error: were it none, the ignore would be unused, which is one.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from gpo_client import ChatContext, GPOCoreClient, SyncGPOCoreClient
from gpo_client.streaming import Pipeline, code_blocks, escape_html, highlight


async def mistakes(client: GPOCoreClient, blocking_client: SyncGPOCoreClient, context: ChatContext) -> None:
    """Misspelt names, wrong types, and the wrong runtime."""
    GPOCoreClient(timeot=5)  # type: ignore[call-arg]
    GPOCoreClient(timeout="5")  # type: ignore[arg-type]
    client.with_options(max_connections=None)  # type: ignore[arg-type]
    await client.chat(context, "What is RESICO?")  # type: ignore[arg-type]
    await client.chat(context, {"query": "q"}, time_out=5)  # type: ignore[call-arg]
    await client.list_documents(context, idempotency_key="k")  # type: ignore[call-arg]
    await client.start_conversation(context, knowledge_assistant_tag="SAP")  # type: ignore[arg-type]
    (await client.chat(context, {"query": "q"})).message_content = "mine"  # type: ignore[misc]
    _ = client.chat(context, {"query": "q"}).message_content  # type: ignore[attr-defined]
    _ = blocking_client.chat(context, {"query": "q"}).content  # type: ignore[attr-defined]
    for _ in client.chat_stream(context, {"query": "q"}):  # type: ignore[attr-defined]
        pass
    async for _ in blocking_client.chat_stream(context, {"query": "q"}):  # type: ignore[attr-defined]
        pass
    async for chunk in client.chat_stream(context, {"query": "q"}):
        chunk.content + ""  # type: ignore[operator]
    ChatContext(session_id="s")  # type: ignore[call-arg]
    await client.metrics.opinion(context, window=5)  # type: ignore[arg-type]
    await client.users.search(context, sort_column="shoe_size")  # type: ignore[arg-type]
    await client.ratings.export(context, idempotency_key="k")  # type: ignore[call-arg]
    Pipeline(code_blocks(), escape_html())  # type: ignore[call-overload]
    Pipeline(escape_html)  # type: ignore[call-overload]
    highlight(["tax"], "<b>", "</b>", True)  # type: ignore[call-arg]


async def misspelt(client: GPOCoreClient, blocking_client: SyncGPOCoreClient, context: ChatContext) -> None:
    """Keys that requests do not have, and values that they cannot have, at any depth."""
    await client.chat(context, {"qeury": "q"})  # type: ignore[dict-item]
    blocking_client.chat(context, {"qeury": "q"})  # type: ignore[dict-item]
    client.chat_stream(context, {"query": "q", "use_openapi": True})  # type: ignore[dict-item]
    blocking_client.chat_stream(context, {"query": 5})  # type: ignore[dict-item]
    await client.session({"instance_id": "i"})  # type: ignore[dict-item]
    await client.rate_conversation(context, {"ratign": 5})  # type: ignore[dict-item]
    await client.chat_sensitive(context, {"query": "q", "chat_history": [{"role": "user"}]})  # type: ignore[dict-item]
