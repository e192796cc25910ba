"""A conversation from beginning to end, against the sandbox."""

from __future__ import annotations

from typing import Any

from tests.support.question import SESSION


async def test_stream_and_chat_give_the_same_answer(client: Any) -> None:
    """What is streamed in pieces is what is answered in one."""
    async with client:
        conversation = await client.open_conversation(SESSION, title="RESICO")
        streamed = await conversation.stream("What is RESICO?").collect()
        whole = await conversation.ask("What is RESICO?")
    assert streamed.is_complete
    assert streamed.content == whole.message_content
    assert [source.id for source in streamed.sources] == [source.id for source in whole.sources]
