"""Requests of OpenAI's Responses API (of 2026-11), as far as an assistant fulfils them. Sans-I/O."""

from __future__ import annotations

from typing import Any

import attrs
import msgspec

from gpo_client.doors.asked import Asked
from gpo_client.doors.openai.requests import Body, Message, Typed, decoded, refuse


class _Item(Message, frozen=True, kw_only=True):
    type: str = "message"

    @property
    def is_said(self) -> bool:
        # What models thought is no part of what was said, and ignored.
        return self.type == "reasoning" or (self.type == "message" and self.is_text)


class _Named(msgspec.Struct, frozen=True):
    id: str


class _Format(msgspec.Struct, frozen=True):
    format: Typed | None = None


class _Response(Body, frozen=True, kw_only=True):
    input: str | list[_Item]
    instructions: str | None = None
    previous_response_id: str | None = None
    conversation: str | _Named | None = None
    store: bool | None = None
    background: bool | None = None
    prompt: dict[str, Any] | None = None
    text: _Format | None = None


_RESPONSE = msgspec.json.Decoder(_Response)


def read_response(body: bytes, *, max_query_chars: int) -> Asked:
    """Read the body of a request for a response.

    Args:
        body: JSON.
        max_query_chars: The longest question, in characters.

    Raises:
        RefusalError: It is none, has no question, or wants what the assistant cannot give.
    """
    read = decoded(_RESPONSE, body)
    items = [_Item(role="user", content=read.input)] if isinstance(read.input, str) else read.input
    wishes = {
        "background": bool(read.background),
        "prompt": read.prompt is not None,
        "text": read.text is not None and read.text.format is not None and read.text.format.type != "text",
        "input": not all(item.is_said for item in items),
    }
    refuse(read, wishes)
    said = [("system", read.instructions or ""), *(item.said for item in items if item.type == "message")]
    return attrs.evolve(
        Asked.of(read.model, said, field="input", max_chars=max_query_chars),
        is_streamed=bool(read.stream),
        chat=read.conversation.id if isinstance(read.conversation, _Named) else read.conversation,
        previous=read.previous_response_id,
        is_stored=read.store is not False,
    )
