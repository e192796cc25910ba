"""Whole answers, the messages and rows of reports they become, results of batches, and downloads.

Written by hand, like :mod:`gpo_client.models.stream`, so that a source is one and the same class wherever it turns
up, and an absent value reads as None. Tests hold them to the schemas of the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import attrs

from gpo_client.exceptions import GPOClientError
from gpo_client.models.notebooks import ShownAnswer
from gpo_client.models.plain import additional_properties
from gpo_client.models.portable import Answered
from gpo_client.models.stream import Citation, CitationSource, StreamedResponse, find_citations


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
        additional_properties: What a newer service sends and this version does not know, or could not read.
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
        """Return the text's citations, as :meth:`StreamedResponse.citations` does."""
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
        additional_properties: What a newer service sends and this version does not know, or could not read.
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
        """Return the text's citations, as :meth:`StreamedResponse.citations` does."""
        return find_citations(self.content, self.sources or [])

    def _shown(self) -> tuple[str, Sequence[CitationSource]]:
        return self.content, self.sources or []


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
        additional_properties: What a newer service sends and this version does not know, or could not read.
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


@attrs.frozen(kw_only=True)
class Download(Answered):
    """A document as it was downloaded.

    Attributes:
        content: The bytes; empty when they went to a file.
        path: The file they went to; None when they are in ``content``.
        file_name: The name the service gives the file, without any folder; None when it gives none.
        media_type: What the bytes are, such as ``"application/pdf"``; ``""`` when the service does not say.
        size_bytes: How many bytes there are.
    """

    content: bytes = attrs.field(repr=False)
    path: Path | None
    file_name: str | None
    media_type: str
    size_bytes: int


def is_file_name(name: str) -> bool:
    """Whether a text is the name of a file, and neither a path nor one that no file can have."""
    return name not in ("", ".", "..") and name.isprintable() and not set(name) & {"/", "\\"}


def text_of(answer: ChatResponse | StreamedResponse) -> str:
    """Return the text of an answer, whole or streamed."""
    return answer.message_content if isinstance(answer, ChatResponse) else answer.content


def model_of(answer: ChatResponse | StreamedResponse) -> object:
    """Return what the service says of the model that wrote an answer, whole or streamed."""
    return answer.model_used if isinstance(answer, ChatResponse) else answer.metadata.get("model_used")


T = TypeVar("T")


@attrs.frozen(kw_only=True)
class BatchResult(Generic[T]):
    """The result of one question.

    Attributes:
        number: Which question it was, from 0, in the order in which they were given.
        question: The question as it was given.
        answer: The answer; of a stream, all of it put together. None when there is none.
        error: Why there is none; None when there is one. Of a stream that broke, ``error.partial`` is what had arrived.
        attempts: How many requests were sent.
        throttled: To how many of them the service said that it had too much to do (429).
        duration: Seconds from when it was taken until it was answered, all waits included.
        waited: Seconds of these that limits held it back.
        time_to_first_chunk: Seconds from the request to the first chunk of a stream; None of whole answers.
    """

    number: int
    question: T
    answer: ChatResponse | StreamedResponse | None = None
    error: GPOClientError | None = None
    attempts: int = 0
    throttled: int = 0
    duration: float = 0.0
    waited: float = 0.0
    time_to_first_chunk: float | None = None

    @property
    def ok(self) -> bool:
        """Whether it was answered."""
        return self.error is None

    @property
    def text(self) -> str:
        """The text of the answer; ``""`` when there is none."""
        return "" if self.answer is None else text_of(self.answer)

    @property
    def sources(self) -> list[CitationSource]:
        """The sources that the answer cites; none when there is no answer."""
        return [] if self.answer is None else list(self.answer.sources)


@attrs.frozen(kw_only=True)
class BatchProgress:
    """How far a batch has come.

    Attributes:
        answered: Questions with an answer.
        failed: Questions without one.
        in_progress: Questions that have been taken and are not answered yet.
        throttled: Requests to which the service said that it had too much to do (429).
        allowed: Requests that may be under way now; None: any number.
        rate: Requests that may begin each second now; None: any number.
    """

    answered: int
    failed: int
    in_progress: int
    throttled: int
    allowed: int | None
    rate: float | None
