"""One operation of the API with its arguments."""

from __future__ import annotations

from typing import Generic, TypeVar

import attrs

from gpo_client.models.secret import Secret
from gpo_client.operations.answers import ResponseDecoder
from gpo_client.operations.request import Request

T = TypeVar("T")


@attrs.frozen
class Call(Generic[T]):
    """One operation of the API with its arguments, ready to be sent.

    Attributes:
        operation: The operationId in the OpenAPI document.
        request: What to send; the runtime adds the headers that are the same for all.
        answer: How to read the body; None when the answer has none.
        token: The bearer; None: the configured API key, if there is one.
        creates: Whether it creates something, so that it goes under an idempotency key.
        question: The text of a question, for observers. Not in ``repr``.
        conversation_id: The conversation that a question belongs to, for observers.
    """

    operation: str
    request: Request
    answer: ResponseDecoder[T] | None
    token: Secret | None = None
    creates: bool = False
    question: str | None = attrs.field(default=None, repr=False)
    conversation_id: str | None = None
