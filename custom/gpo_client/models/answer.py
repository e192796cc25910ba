"""Whole answers and the messages they become: the models that carry cited sources.

Written by hand, like :mod:`gpo_client.models.stream`, so that a source is one and the same class wherever it turns
up, and an absent value reads as None. Tests hold them to the schemas of the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs

from gpo_client.models.citations import Citation, find_citations
from gpo_client.models.notebooks import ShownAnswer
from gpo_client.models.portable import Answered
from gpo_client.models.stream import CitationSource
from gpo_client.models.unknown import additional_properties


@attrs.frozen(kw_only=True)
class ChatResponse(ShownAnswer, Answered):
    """A whole answer.

    Attributes:
        message_id: Identifies the answer, for feedback.
        conversation_id: The conversation it belongs to.
        message_content: The text.
        sources: The cited sources; empty when it cites none.
        created_at: When it was written (UTC); None when the service does not say.
        response_time_ms: How long it took, in milliseconds; None when the service does not say.
        model_used: The model that wrote it; None when the service does not say.
        additional_properties: Fields that a newer service sends and this version does not know, and the raw values of
            those that could not be read.
    """

    message_id: str
    conversation_id: str
    message_content: str
    sources: list[CitationSource]
    created_at: datetime | None
    response_time_ms: int | None
    model_used: str | None
    additional_properties: dict[str, Any] = additional_properties()

    def citations(self) -> list[Citation]:
        """Where the text cites which source, as in :meth:`StreamedResponse.citations`."""
        return find_citations(self.message_content, self.sources)

    def _shown(self) -> tuple[str, Sequence[CitationSource]]:
        return self.message_content, self.sources


@attrs.frozen(kw_only=True)
class SensitiveChatResponse(ChatResponse):
    """A whole answer to a question that may hold sensitive data.

    Attributes:
        sensitive_content_detected: Whether the service found sensitive data in the question; None when it does not
            say.
        compliance_warnings: What to take care of; None when there is nothing.
    """

    sensitive_content_detected: bool | None
    compliance_warnings: list[str] | None = None


@attrs.frozen(kw_only=True)
class Message(ShownAnswer, Answered):
    """One message of a conversation.

    Attributes:
        message_id: Identifies the message.
        conversation_id: The conversation it belongs to.
        role: Who wrote it: ``"user"``, ``"assistant"`` or ``"system"``; a newer service may know more roles. None when
            the service does not say.
        content: The text.
        created_at: When it was written (UTC); None when the service does not say.
        sources: The sources it cites; None in messages that cannot cite.
        liked: The user's verdict; None when none was given.
        additional_properties: Fields that a newer service sends and this version does not know, and the raw values of
            those that could not be read.
    """

    message_id: str
    conversation_id: str
    role: str | None
    content: str
    created_at: datetime | None
    sources: list[CitationSource] | None = None
    liked: bool | None = None
    additional_properties: dict[str, Any] = additional_properties()

    def citations(self) -> list[Citation]:
        """Where the text cites which source, as in :meth:`StreamedResponse.citations`."""
        return find_citations(self.content, self.sources or [])

    def _shown(self) -> tuple[str, Sequence[CitationSource]]:
        return self.content, self.sources or []
