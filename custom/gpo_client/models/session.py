"""Sessions, and the contexts that calls are made in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.plain import additional_properties
from gpo_client.models.portable import Answered, Portable
from gpo_client.models.secret import IS_MASKED, Secret, holds_mask


def _as_secret(token: str) -> Secret:
    # What is no text stays as it is, for the validator to refuse.
    return Secret(token) if isinstance(token, str) else token  # pyright: ignore[reportUnnecessaryIsInstance]


def _is_text(owner: object, field: attrs.Attribute[Any], value: Any) -> None:
    if not isinstance(value, str) or not value:
        what = "empty" if value == "" else f"of type {type(value).__name__}"
        name = f"{type(owner).__name__}.{field.name}"
        raise InvalidArgumentError(f"{name} must be a text from the service's answer; it is {what}", field=name)


def _is_token(owner: object, field: attrs.Attribute[Any], value: Any) -> None:
    _is_text(owner, field, value)
    if holds_mask(value):
        raise InvalidArgumentError(f"{type(owner).__name__}.{field.name} is no token: {IS_MASKED}", field=field.name)


@attrs.frozen(kw_only=True)
class ChatContext(Portable):
    """On whose behalf a call is made: the session, its token and, for questions, the conversation.

    Attributes:
        session_id: The session, from ``Session.session_id``.
        token: The session's bearer token; a string, masked in ``repr``.
        conversation_id: The conversation that questions belong to; None asks outside any conversation.

    >>> ChatContext(session_id="session-1", token="s3cr3t")
    ChatContext(session_id='session-1', token='**********', conversation_id=None)
    """

    session_id: str = attrs.field(validator=_is_text)
    token: Secret = attrs.field(converter=_as_secret, validator=_is_token)
    conversation_id: str | None = attrs.field(default=None, validator=attrs.validators.optional(_is_text))


@attrs.frozen(kw_only=True)
class Session(Answered):
    """An open session.

    Attributes:
        session_id: Identifies the session.
        token: The bearer token of everything done in it; a string, masked in ``repr``.
        expires_at: When the token stops being valid (UTC); None when the service does not say. Such a token is used
            until the service refuses it.
        user_id: The user the session was opened for; None when the service does not say.
        display_name: The user's name to show, when the service knows it.
        additional_properties: What a newer service sends and this version does not know, or could not read.
    """

    session_id: str
    token: Secret = attrs.field(converter=_as_secret, validator=_is_token)
    expires_at: datetime | None
    user_id: str | None
    display_name: str | None = None
    additional_properties: dict[str, Any] = additional_properties()

    def chat_context(self, conversation_id: str | None = None) -> ChatContext:
        """Return the context for calls in this session, and in a conversation if one is named.

        Args:
            conversation_id: The conversation that questions shall belong to.
        """
        return ChatContext(session_id=self.session_id, token=self.token, conversation_id=conversation_id)
