"""The result of one question of a batch."""

from __future__ import annotations

from typing import Generic, TypeVar

import attrs

from gpo_client.exceptions import GPOClientError
from gpo_client.models.answer import ChatResponse
from gpo_client.models.stream import CitationSource, StreamedResponse

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class BatchResult(Generic[T]):
    """What became of one question.

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
        if isinstance(self.answer, ChatResponse):
            return self.answer.message_content
        return "" if self.answer is None else self.answer.content

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
