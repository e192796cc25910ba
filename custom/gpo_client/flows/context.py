"""The context argument of calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.session import ChatContext, Session

#: What methods accept as ``context``.
Context = ChatContext | Session | Mapping[str, Any]


def read_context(context: Context) -> ChatContext:
    """The context, whichever way it was given.

    Raises:
        InvalidArgumentError: It is none, or lacks the session or the token.
    """
    if isinstance(context, ChatContext):
        return context
    if isinstance(context, Session):
        return context.chat_context()
    try:
        return ChatContext(**context)
    except TypeError as error:
        message = f"context must be a ChatContext, a Session or a mapping with session_id and token: {error}"
        raise InvalidArgumentError(message, field="context") from error


def conversation_of(context: Context) -> str:
    """The conversation that the context names.

    Raises:
        InvalidArgumentError: It names none.
    """
    conversation_id = read_context(context).conversation_id
    if conversation_id is None:
        raise InvalidArgumentError(
            "the context names no conversation: set conversation_id, or pass one", field="context.conversation_id"
        )
    return conversation_id
