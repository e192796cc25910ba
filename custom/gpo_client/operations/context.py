"""The context argument of calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.session import ChatContext, Session
from gpo_client.operations.mistakes import missing_in_context, no_context, unknown_in_context

#: What methods accept as ``context``.
Context = ChatContext | Session | Mapping[str, Any]

_FIELDS = tuple(field.name for field in attrs.fields(ChatContext))
# What a session tells besides: the mapping may be a session that was kept.
_BESIDES = frozenset(field.name for field in attrs.fields(Session))


def read_context(context: Context) -> ChatContext:
    """Return the context, whichever way it was given.

    Raises:
        InvalidArgumentError: It is none, or lacks the session or the token.
    """
    if isinstance(context, ChatContext):
        return context
    if isinstance(context, Session):
        return context.chat_context()
    if isinstance(context, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        return _from_mapping(context)
    raise no_context(context)


def _from_mapping(mapping: Mapping[str, Any]) -> ChatContext:
    for name in mapping:
        if name not in _FIELDS and name not in _BESIDES:
            raise unknown_in_context(name, _FIELDS)
    for name in ("session_id", "token"):
        if name not in mapping:
            raise missing_in_context(name)
    return ChatContext(**{name: value for name, value in mapping.items() if name in _FIELDS})


def conversation_of(context: Context) -> str:
    """Return the conversation that the context names.

    Raises:
        InvalidArgumentError: It names none.
    """
    conversation_id = read_context(context).conversation_id
    if conversation_id is None:
        raise InvalidArgumentError(
            "the context names no conversation: set conversation_id, or pass one", field="context.conversation_id"
        )
    return conversation_id
