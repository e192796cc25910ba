"""Questions with their answers, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from gpo_client.models.portable import Answered
from gpo_client.models.stream import CitationSource
from gpo_client.models.unknown import additional_properties


@attrs.frozen(kw_only=True)
class QuestionDetail(Answered):
    """A question, and its answer if there is one.

    Attributes:
        question_id: Identifies the question, a message.
        conversation_id: The conversation it belongs to.
        user_id: Who asked it; None when the service does not say.
        question: Its text.
        asked_at: When it was asked (UTC); None when the service does not say.
        message_id: Identifies the answer, a message; None when there is none.
        answer: The text of the answer.
        answered_at: When the answer was complete (UTC).
        response_time_ms: How long the answer took, in milliseconds.
        relevance_score: How much the best of the sources bears on the question, from 0 to 1.
        sources: The sources the answer cites.
        liked: The user's verdict; None when none was given.
        feedback: What the user says of the answer.
        country_id: The user's country, when the service knows it.
        user_type: ``"internal"`` or ``"external"``, when the service knows it; a newer service may know more types.
        additional_properties: Fields that a newer service sends and this version does not know, and the raw values of
            those that could not be read.
    """

    question_id: str
    conversation_id: str
    user_id: str | None
    question: str
    asked_at: datetime | None
    message_id: str | None = None
    answer: str | None = None
    answered_at: datetime | None = None
    response_time_ms: int | None = None
    relevance_score: float | None = None
    sources: list[CitationSource] | None = None
    liked: bool | None = None
    feedback: str | None = None
    country_id: str | None = None
    user_type: str | None = None
    additional_properties: dict[str, Any] = additional_properties()
